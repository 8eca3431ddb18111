using Commerce.Orders;
using Commerce.Retail;

namespace Commerce.Tests.Retail;

public sealed class RetailInvoiceTests
{
    private static readonly DateTimeOffset Noon = new(2010, 12, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Lines_with_the_same_time_and_number_are_one_invoice_even_with_other_lines_between_them()
    {
        var invoices = RetailInvoice.Gather([Line("1"), Line("2"), Line("1")]).ToList();

        Assert.Equal(
            [("1", 1, 2), ("2", 1, 1)],
            invoices.Select(invoice => (invoice.Number, invoice.Part, invoice.Lines.Count)));
    }

    [Fact]
    public void An_invoice_that_continues_later_has_several_parts()
    {
        var invoices = RetailInvoice.Gather([Line("1"), Line("1") with { Time = Noon.AddMinutes(1) }]).ToList();

        Assert.Equal([("1", 1), ("1", 2)], invoices.Select(invoice => (invoice.Number, invoice.Part)));
    }

    [Fact]
    public void No_line_of_an_unsorted_file_is_lost()
    {
        RetailLine[] lines = [Line("1"), Line("2") with { Time = Noon.AddHours(1) }, Line("1"), Line("3")];

        var invoices = RetailInvoice.Gather(lines).ToList();

        Assert.Equal(4, invoices.Sum(invoice => invoice.Lines.Count));
        Assert.Equal([1, 1, 2, 1], invoices.Select(invoice => invoice.Part));
    }

    [Fact]
    public void An_invoice_with_many_lines_is_imported_in_parts()
    {
        var invoices = RetailInvoice.Gather(Enumerable.Repeat(Line("1"), RetailInvoice.MaxLines + 1)).ToList();

        Assert.Equal([RetailInvoice.MaxLines, 1], invoices.Select(invoice => invoice.Lines.Count));
    }

    [Theory]
    [InlineData("536365", 6, 2.55, SaleKind.Sale)]
    [InlineData("C536379", -1, 27.50, SaleKind.Cancellation)]
    [InlineData("A563185", 1, 11062.06, SaleKind.Adjustment)]
    [InlineData("536589", -10, 0, SaleKind.WriteOff)]
    [InlineData("536414", 56, 0, SaleKind.Sale)]
    public void The_number_and_the_lines_determine_the_kind_of_record(
        string number, int quantity, decimal price, SaleKind kind)
    {
        var invoice = Assert.Single(RetailInvoice.Gather([Line(number) with { Quantity = quantity, Price = price }]));

        Assert.Equal(kind, invoice.Kind);
    }

    [Fact]
    public void A_command_contains_every_line_unchanged()
    {
        var line = Line("536365") with { Description = " KEPT WITH ITS BLANKS ", Customer = null };

        var command = Assert.Single(RetailInvoice.Gather([line, line])).ToCommand();

        Assert.Equal(Noon, command.OccurredAt);
        Assert.Null(command.Record.Customer);
        var kept = new SaleLine("85123A", " KEPT WITH ITS BLANKS ", 6, 2.55m);
        Assert.Equal([kept, kept], command.Record.Lines);
    }

    private static RetailLine Line(string invoice) =>
        new(invoice, "85123A", "HOLDER", 6, Noon, 2.55m, "17850", "United Kingdom");
}
