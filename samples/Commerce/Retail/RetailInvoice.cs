using Commerce.Customers;
using Commerce.OlderBooks;
using Commerce.Orders;

namespace Commerce.Retail;

/// <summary>The lines of an invoice with the same time, which are nearly always all of them.</summary>
/// <param name="Part">1; 2 and higher for later parts of the same invoice.</param>
public sealed record RetailInvoice(string Number, int Part, IReadOnlyList<RetailLine> Lines)
{
    /// <summary>The maximum number of lines of one part, which limits the size of an event.</summary>
    public const int MaxLines = 4_000;

    /// <summary>The kind of record, by the conventions of that shop.</summary>
    public SaleKind Kind => Number[0] switch
    {
        'C' or 'c' => SaleKind.Cancellation,
        var letter when char.IsLetter(letter) => SaleKind.Adjustment,
        _ when Lines.All(line => line.Quantity <= 0 && line.Price == 0) => SaleKind.WriteOff,
        _ => SaleKind.Sale,
    };

    /// <summary>Returns the command that takes the invoice over.</summary>
    public TakeOverSale ToCommand()
    {
        var (first, kind) = (Lines[0], Kind);
        var lines = new SaleLine[Lines.Count];
        for (var i = 0; i < lines.Length; i++)
            lines[i] = new SaleLine(Lines[i].Sku, Lines[i].Description, Lines[i].Quantity, Lines[i].Price);
        CustomerId? customer = first.Customer is null ? null : CustomerId.OfNumber(first.Customer);
        var record = new SaleRecord(Number, kind, customer, first.Customer, first.Country, lines, Part);
        return new TakeOverSale(OrderId.OfNumber(Number), record, first.Time);
    }

    /// <summary>
    /// Groups lines into invoices. Lines with the same time, invoice, customer and country belong together. When the
    /// number occurs again, it is the next part of the same invoice. The same file always gives the same parts, so an
    /// import can be repeated.
    /// </summary>
    public static IEnumerable<RetailInvoice> Gather(IEnumerable<RetailLine> lines)
    {
        var parts = new Dictionary<string, int>(StringComparer.Ordinal);
        var open = new Dictionary<(string Invoice, string? Customer, string Country), List<RetailLine>>();
        var time = DateTimeOffset.MinValue;
        var count = 0;
        foreach (var line in lines)
        {
            if (line.Time != time || count == MaxLines)
            {
                foreach (var invoice in Close(open, parts))
                    yield return invoice;
                (time, count) = (line.Time, 0);
            }

            var key = (line.Invoice, line.Customer, line.Country);
            if (!open.TryGetValue(key, out var gathered))
                open.Add(key, gathered = []);
            gathered.Add(line);
            count++;
        }

        foreach (var invoice in Close(open, parts))
            yield return invoice;
    }

    private static IEnumerable<RetailInvoice> Close(
        Dictionary<(string Invoice, string? Customer, string Country), List<RetailLine>> open,
        Dictionary<string, int> parts)
    {
        foreach (var ((number, _, _), lines) in open)
        {
            var part = parts[number] = parts.GetValueOrDefault(number) + 1;
            yield return new RetailInvoice(number, part, lines);
        }

        open.Clear();
    }
}
