"""CSV as a dialect like any other: columns are the places, a table says what each title means.

    text      bytes -> physical lines, whatever the encoding; memory bounded by the longest line
    records   lines -> cells, whatever the delimiter and quotes; a broken line is a finding and the next one goes on
    table     schemas/csv/<version>/<message>.toml -> a checked `Table`; which table fits a header line
    codecs    what the text of a cell means, cell by cell
    columns   a block of lines -> typed columns and the faults in them
    documents typed columns -> canonical documents
    read      the stream: Opening, one Reading per block or order, Closing
    write     canonical documents -> CSV
    report    the answer to a CSV file: a CSV of what was wrong, line by line
    master    the four master data files that come with a partner
    format    all of it as one `hub.ports.Format`
"""
