using Commerce.Retail;

namespace Commerce.Tests.Retail;

public sealed class RetailFileTests : IDisposable
{
    private const string Header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Columns_may_have_any_order_after_a_byte_order_mark_and_empty_lines_are_skipped()
    {
        var line = Assert.Single(Read(
            "\uFEFF\"Country\",UnitPrice,INVOICENO ,StockCode,More,Description,CustomerID,InvoiceDate,Quantity\n\n"
            + "France,1.5,536365,A1,x,\"two\r\nlines, \"\"A\"\"\",17850,2010-12-01 08:26:00,6\n"));

        Assert.Equal("France", line.Country);
        Assert.Equal("two\nlines, \"A\"", line.Description);
    }

    [Theory]
    [InlineData("", 1, "it is empty")]
    [InlineData("InvoiceNo,StockCode\n", 1, "Description is missing")]
    [InlineData(Header + "536365,A1,THING,6,2010-12-01 08:26:00,1.5\n", 2, "ends before the CustomerID")]
    [InlineData(
        Header
            + "536365,A1,\"a\n\nb\",6,2010-12-01 08:26:00,1.5,1,France\n536366,A1,THING,six,2010-12-01 "
            + "08:26:00,1,1,France\n",
        5,
        "'six' is no Quantity")]
    [InlineData(Header + "536365,A1,\"THING,6,2010-12-01 08:26:00,1.5,1,France\n", 2, "has no end")]
    public void A_line_with_an_invalid_format_is_refused_with_its_number(string text, long line, string problem)
    {
        var refused = Assert.Throws<RetailFileException>(() => Read(text));

        Assert.Equal(line, refused.Line);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    private List<RetailLine> Read(string text)
    {
        var file = Path.Combine(_data.Path, "books.csv");
        File.WriteAllText(file, text);
        return [.. new RetailFile(file).ReadLines()];
    }
}
