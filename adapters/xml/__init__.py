"""XML: UBL and GS1 documents, in and out.

door        bytes -> elements under one parser setting, or a finding that says why not; `Limits`
identify    the root element -> standard, message, version
xsd         the fact tables of `schemas/<standard>` -> our own XML schema, compiled once
validate    the schema's complaints -> findings with line, path, expected and found
partner_schema  a partner's own XSD, locked in, and its complaints in words
place       `cac:LineItem/cbc:Quantity[@unitCode]`: where a value stands, to read and to write
codecs      text <-> value: those of the other formats, and what XML Schema writes otherwise
part        one pydantic model <-> one element
frame       a Polars frame <-> the lines of a document
table       one compiled, checked table; `tables` finds the one for a document, overlays included
left_out    what of a document is not written
unmapped    what a document carries and no row reads
read        the events of a file; `stream` the same line by line, for documents of any size
write       a document -> elements in the standard's order, proved by our own schema
ubl, gs1    what the standards do differently (`read.Standard`): versions, sender and receiver, schema; ubl_units the
            handling units of a despatch advice
gs1_read    a GS1 message, document by document; gs1_lines one of them line by line
gs1_header  the business document header around GS1 documents (SBDH); gs1_schema their schema, gs1_shape what no row can
            say of them, gs1_write the message
overlooked  what stands more often than a table reads it
acknowledge ApplicationResponse; gs1_acknowledge the Application Receipt Acknowledgement
format      all of it as one `hub.ports.Format`

A table is `schemas/ubl/2.1/Order.toml`. Its rows are those of DESIGN.md, section 4, with places in XML:

    canonical = "Order"
    root = "Order"                         # the document's element, where the file is not called after it

    [when]                                 # of the documents of that name only those that say so at this place
    "inventoryReportTypeCode" = "INVENTORY_ACTIVITY"

    [map]                                  # from the document's element
    number = "cbc:ID"                      # field = "place | codec"; text without a codec
    currency = "cbc:DocumentCurrencyCode or cbc:PricingCurrencyCode"
                                           # the first that is filled is read, the first is written
    purpose = "cbc:OrderTypeCode | code purpose else original"
                                           # what the standard means where nothing is sent
    buyer = "cac:BuyerCustomerParty/cac:Party -> party"
    ship_to = "cac:Delivery -> delivery"   # a part without any value is None
    lines = "cac:OrderLine+/cac:LineItem -> line"
                                           # of many: + marks the step that each makes anew, else it is the last
    parties = "cac:PayeeParty -> payee and cac:CarrierParty -> carrier"
                                           # several ways, one after the other; written by the first part that fits

    [part.line]                            # from the element that the row names
    quantity = "cbc:Quantity | decimal"
    unit = "cbc:Quantity[@unitCode] | code unit"
                                           # an attribute of another row's place: read from the very element that gave
                                           # that value, written to the one that took it (also with several places)
    promotion = "cac:DocumentReference[cbc:DocumentTypeCode='promotion']/cbc:ID"
    notes = "cbc:Note -> note"             # [part.note]  text = "."  language = ".[@languageID]": the element itself
    taxes = "cac:TaxTotal+/cac:TaxSubtotal -> tax and cac:Item/cac:ClassifiedTaxCategory -> item_tax | new"
                                           # new: only what the ways before it have not said already
    role = "= payee"                       # [part.payee]  like = "party": the rows of another part, and what this
                                           # one always means
    gln = "cbc:ID[@schemeID='GLN']"        # only where a child or attribute has that text; it is written along

    [constant]                             # fields that this document always means; demanded on writing
    [fixed]                                # only written, where nothing else was
    "cbc:UBLVersionID" = "2.1"             # from the root
    "//cac:Price/cbc:PriceAmount[@currencyID]" = "=cbc:DocumentCurrencyCode or XXX"
                                           # wherever such an element was written: what stands at that place of the
                                           # document, else the word
    "//cac:LineItem/cbc:ID" = "#"          # numbered from 1
    "//cac:TaxTotal/cbc:TaxAmount" = "=./cac:TaxSubtotal/cbc:TaxAmount or 0"
                                           # ./ what stands in the same element
    "cbc:ID" = "@control"                  # the envelope's number; "@prepared" is its day

    [frame]                                # time-phased documents: one row for each element of `rows`
    rows = "cac:ForecastLine"              # or "cac:Line/cac:SalesItem": a row for each inner one
    gtin = "cac:SalesItem/cac:Item/cac:StandardItemIdentification/cbc:ID | gtin"
    start = "^cac:ActivityPeriod/cbc:StartDate | date"
                                           # seen from the line around the row; the last ^ is the document
    bucket = "cac:ForecastPeriod/cbc:DescriptionCode | code bucket else period"
                                           # "else period": what the length from start to end says; then nothing is
                                           # written
    [frame.constant]                       # columns that this document always means and has no place for

    [envelope]                             # who sends and receives by the document's own word, and its control number
    sender = "cac:SenderParty/cac:PartyIdentification/cbc:ID"
    receiver = "cac:ReceiverParty/cac:PartyIdentification/cbc:ID"
    control = "cbc:UUID"                   # always written
    write = true                           # sender and receiver are written too, where nothing stands there yet

    base = "ubl/2.1/Order"                 # inherits a table; "" takes a row away; so is a partner's overlay written

Prefixes are those of `schemas/<standard>/namespaces.toml`; parts that all tables share stand in `parts.toml`. The order
of elements is never told in a table: the facts know it. Elements that must be there and may be empty are added.
"""
