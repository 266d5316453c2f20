"""Documents of one shape are written alike: the first of them is written the careful way, the next by its template.

The shape of a document is which of its fields are filled, and what its code words are. A template is the text of such a
document with gaps where the other fields go. It comes out of the same rows of the table: they write a stand-in whose
values are marks, and where the marks then stand, there are the gaps. The lines of an order have templates of their own.

A template is used when it has said of the first document exactly what the careful way said, which also proved it by
our own check. A value that is not plainly right for its gap (too long, of the wrong kind, one that the first place of
its row does not take) sends its document the careful way, which alone refuses.

    ink        how one format puts rows into text
    shape      what documents must have alike, and the stand-in with marks
    gap        what fills one gap
    template   a text with gaps, for one document or line, or for many lines at once
    scribe     who learns the templates of a table and writes by them
"""
