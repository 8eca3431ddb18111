using Commerce.Retail;

namespace Commerce.Tests.Retail;

public sealed class CsvReaderTests
{
    [Theory]
    [InlineData("a,b,c", new[] { "a", "b", "c" })]
    [InlineData("a,,", new[] { "a", "", "" })]
    [InlineData("\"a,b\",c", new[] { "a,b", "c" })]
    [InlineData("\"say \"\"hi\"\"\",c", new[] { "say \"hi\"", "c" })]
    [InlineData("\"two\nlines\",c", new[] { "two\nlines", "c" })]
    [InlineData("  kept  ,\"\"", new[] { "  kept  ", "" })]
    [InlineData("5\" ruler,x", new[] { "5\" ruler", "x" })]
    public void A_record_is_read_field_by_field(string text, string[] fields)
    {
        var reader = new CsvReader(new StringReader(text));

        Assert.True(reader.Read());
        Assert.Equal(fields, Enumerable.Range(0, reader.Count).Select(field => reader[field]));
        Assert.False(reader.Read());
    }

    [Fact]
    public void A_quoted_field_without_end_is_refused()
    {
        var reader = new CsvReader(new StringReader("\"never closed"));

        Assert.Throws<InvalidDataException>(() => reader.Read());
    }

    [Fact]
    public void Lines_are_counted_through_quoted_line_ends()
    {
        var reader = new CsvReader(new StringReader("\"a\nb\"\nc"));

        reader.Read();
        reader.Read();

        Assert.Equal(3, reader.Line);
    }
}
