using System.Threading.Channels;
using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.OlderBooks;
using Commerce.SharedKernel;
using Millrace.Storage;

namespace Commerce.Retail;

/// <summary>
/// Imports a year of older books as commands through the bus. Many are under way at once, those of one invoice one
/// after the other. It may be stopped or killed at any moment: started again it sends the same commands, and what is
/// there already changes nothing.
/// </summary>
public sealed class RetailImport(ICommandBus bus, EventStore store, RetailFile file, TimeProvider time)
{
    private const int Lanes = 64;
    private const int QueuedPerLane = 16;
    private const int Attempts = 8; // With the pauses between them, 12 seconds.

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<string> _articles = new(StringComparer.Ordinal);
    private readonly HashSet<(string Customer, string Country)> _customers = [];
    private long _lines;

    /// <summary>How much of the file has been read, from 0 to 1.</summary>
    public double Progress => file.Progress;

    /// <summary>How many lines are safely in the store.</summary>
    public long Lines => Volatile.Read(ref _lines);

    /// <summary>Imports the whole file; returns what queries must see to know all of it.</summary>
    /// <exception cref="RetailFileException">A line is not of the format.</exception>
    public async Task<ConsistencyToken> Run(CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lanes = new Channel<(List<ICommand> Newcomers, RetailInvoice Invoice)>[Lanes];
        for (var lane = 0; lane < Lanes; lane++)
            lanes[lane] = Channel.CreateBounded<(List<ICommand>, RetailInvoice)>(QueuedPerLane);
        var working = lanes.Select(lane => Send(lane.Reader, stopping)).ToList();
        working.Add(Distribute(lanes, stopping));
        await Task.WhenAll(working); // The first failure stops the others, and is the one told.
        return await store.GetToken(cancellationToken);
    }

    /// <summary>Hands the invoices to the lanes, those of one number always to the same.</summary>
    private async Task Distribute(
        Channel<(List<ICommand> Newcomers, RetailInvoice Invoice)>[] lanes, CancellationTokenSource stopping)
    {
        try
        {
            await Task.Yield();
            foreach (var invoice in RetailInvoice.Gather(file.ReadLines()))
            {
                var lane = (int)((uint)invoice.Number.GetHashCode(StringComparison.Ordinal) % Lanes);
                await lanes[lane].Writer.WriteAsync((Newcomers(invoice), invoice), stopping.Token);
            }
        }
        catch
        {
            await stopping.CancelAsync();
            throw;
        }
        finally
        {
            foreach (var lane in lanes)
                lane.Writer.Complete();
        }
    }

    private async Task Send(
        ChannelReader<(List<ICommand> Newcomers, RetailInvoice Invoice)> lane, CancellationTokenSource stopping)
    {
        try
        {
            await foreach (var (newcomers, invoice) in lane.ReadAllAsync(stopping.Token))
            {
                foreach (var newcomer in newcomers)
                    await Send(newcomer, stopping.Token);
                await Send(invoice.ToCommand(), stopping.Token);
                Interlocked.Add(ref _lines, invoice.Lines.Count);
            }
        }
        catch
        {
            await stopping.CancelAsync();
            throw;
        }
    }

    /// <summary>
    /// Sends a command, and again where the database fails it for a moment, as while a server is started again: it has
    /// written nothing then, or all of it, and changes nothing the second time.
    /// </summary>
    private async Task Send(ICommand command, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++, pause *= 2)
        {
            try
            {
                await bus.Send(command, cancellationToken);
                return;
            }
            catch (StorageException failure) when (attempt < Attempts && (failure.IsTransient || failure.IsInDoubt))
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Articles at their first price, and customers under each country, that this import has not named before. Asked in
    /// the file's order.
    /// </summary>
    private List<ICommand> Newcomers(RetailInvoice invoice)
    {
        var commands = new List<ICommand>();
        foreach (var line in invoice.Lines)
        {
            if (line.Price > 0 && line.Description.Length > 0 && _articles.Add(line.Sku))
                commands.Add(Newcomer(line));
        }

        if (invoice.Lines[0] is { Customer: { } customer } first && _customers.Add((customer, first.Country)))
            commands.Add(new TakeOverCustomer(CustomerId.OfNumber(customer), customer, first.Country, first.Time));
        return commands;
    }

    private static TakeOverProduct Newcomer(RetailLine line)
    {
        var id = new ProductId(NameBasedId.Of("product", line.Sku));
        return new TakeOverProduct(id, Sku.From(line.Sku), line.Description, Money.InPounds(line.Price), line.Time);
    }
}
