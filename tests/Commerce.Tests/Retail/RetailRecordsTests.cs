using System.Text;
using Commerce.Retail;

namespace Commerce.Tests.Retail;

public sealed class RetailRecordsTests
{
    [Theory]
    [InlineData("a,b,c", new[] { "a", "b", "c" })]
    [InlineData("a,,", new[] { "a", "", "" })]
    [InlineData("\"a,b\",c", new[] { "a,b", "c" })]
    [InlineData("\"say \"\"hi\"\"\",c", new[] { "say \"hi\"", "c" })]
    [InlineData("\"two\nlines\",c", new[] { "two\nlines", "c" })]
    [InlineData("\"two\r\nlines\",\"old\rmac\"", new[] { "two\nlines", "old\nmac" })]
    [InlineData("  kept  ,\"\"", new[] { "  kept  ", "" })]
    [InlineData("\"a\" ,b", new[] { "a", "b" })]
    [InlineData("x,5\" ruler", new[] { "x", "5\" ruler" })]
    [InlineData("LETTER \"A\" RING,x", new[] { "LETTER \"A\" RING", "x" })]
    public void A_record_is_read_field_by_field(string text, string[] fields)
    {
        using var records = Of(text);

        Assert.True(records.Read());
        Assert.Equal(fields, records.Fields);
        Assert.False(records.Read());
    }

    [Theory]
    [InlineData("5\" ruler,x")]
    [InlineData("5\" ruler,6\" ruler,x")]
    [InlineData("x,5\" ruler\ny,6\" ruler")]
    [InlineData("x,5\" ruler\ny,z")]
    public void A_quote_that_hides_the_end_of_an_unquoted_field_is_refused(string text)
    {
        using var records = Of("a,b\n" + text);
        records.Read();

        var refused = Assert.Throws<RetailFileException>(() => records.Read());

        Assert.Equal(2, refused.Line);
        Assert.Contains("double the quote", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"never closed")]
    [InlineData("\"")]
    [InlineData("\"\"\"")]
    [InlineData("x,\"never closed\ny,z\nlast")]
    [InlineData("\"closed\"twice\",x")]
    [InlineData("\"closed\" and text,x")]
    public void A_quoted_field_without_end_is_refused_with_the_first_line_of_its_record(string text)
    {
        using var records = Of("\"a\nb\",c\n" + text);
        records.Read();

        Assert.Equal(3, Assert.Throws<RetailFileException>(() => records.Read()).Line);
    }

    [Fact]
    public void A_quoted_field_without_end_is_refused_in_a_large_file()
    {
        using var records = Of("a,b\n\"never closed" + string.Concat(Enumerable.Repeat("row,row\n", 4_000_000)));
        records.Read();

        Assert.Equal(2, Assert.Throws<RetailFileException>(() => records.Read()).Line);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_records_are_read_as_written_with_the_numbers_of_their_first_lines(int seed)
    {
        var random = new Random(seed);
        var (written, text, line) = (new List<(long Line, string[] Fields)>(), new StringBuilder(), 1L);
        for (var i = 0; i < 5_000; i++)
        {
            string[] fields = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => AnyField(random))];
            var record = string.Join(',', fields.Select(field => Quote(field, random)));
            written.Add(
                (
                    line,
                    [
                        .. fields.Select(field =>
                            field.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n')),
                    ]
                )
            );
            line +=
                1
                + fields.Sum(field =>
                    field.Replace("\r\n", "\n", StringComparison.Ordinal)
                        .Count(character => character is '\n' or '\r'));
            text.Append(record).Append(random.Next(2) == 0 ? "\n" : "\r\n");
        }

        using var records = Of(text.ToString());
        foreach (var (start, fields) in written)
        {
            Assert.True(records.Read());
            Assert.Equal((start, string.Join('|', fields)), (records.Line, string.Join('|', records.Fields)));
            Assert.Equal(fields.Length, records.Fields.Count);
        }
        Assert.False(records.Read());
    }

    private static RetailRecords Of(string text) => new("books.csv", new StringReader(text));

    private static string AnyField(Random random) =>
        string.Concat(
            random.GetItems(["a", "B7", " ", "ü", "水", ",", "\"", "\n", "\r\n", ";", "'"], random.Next(0, 8)));

    private static string Quote(string field, Random random)
        => field.AsSpan().ContainsAny(",\"\r\n") || random.Next(4) == 0
            ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : field;
}
