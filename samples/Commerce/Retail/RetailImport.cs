using System.Threading.Channels;
using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.OlderBooks;
using Commerce.SharedKernel;
using Millrace.Storage;

namespace Commerce.Retail;

/// <summary>
/// Imports a year of invoices from an earlier accounting system, as commands through the bus. Many
/// commands run concurrently. The commands of one invoice run in order. The import can be stopped or killed at any
/// time. After a restart, the import sends the same commands, and existing data does not change.
/// </summary>
public sealed class RetailImport(ICommandBus bus, EventStore store, RetailFile file, TimeProvider time)
{
    private const int Lanes = 64;
    private const int QueuedPerLane = 16;
    private const int Attempts = 8; // With the pauses between the attempts, about 12 seconds.

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<string> _articles = new(StringComparer.Ordinal);
    private readonly HashSet<(string Customer, string Country)> _customers = [];
    private long _lines;

    /// <summary>Gets the share of the file that has been read, from 0 to 1.</summary>
    public double Progress => file.Progress;

    /// <summary>The number of lines that are committed.</summary>
    public long Lines => Volatile.Read(ref _lines);

    /// <summary>Imports the whole file. Returns the token with which queries reflect all of its data.</summary>
    /// <exception cref="RetailFileException">A line has the wrong format.</exception>
    public async Task<ConsistencyToken> Run(CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lanes = new Channel<(List<ICommand> Prerequisites, RetailInvoice Invoice)>[Lanes];
        for (var lane = 0; lane < Lanes; lane++)
            lanes[lane] = Channel.CreateBounded<(List<ICommand>, RetailInvoice)>(QueuedPerLane);
        var working = lanes.Select(lane => Send(lane.Reader, stopping)).ToList();
        working.Add(Distribute(lanes, stopping));
        await Task.WhenAll(working); // The first failure stops the other tasks and is reported.
        return await store.GetToken(cancellationToken);
    }

    /// <summary>Distributes the invoices over the lanes; invoices with the same number use the same lane.</summary>
    private async Task Distribute(
        Channel<(List<ICommand> Prerequisites, RetailInvoice Invoice)>[] lanes, CancellationTokenSource stopping)
    {
        try
        {
            await Task.Yield();
            foreach (var invoice in RetailInvoice.Gather(file.ReadLines()))
            {
                var lane = (int)((uint)invoice.Number.GetHashCode(StringComparison.Ordinal) % Lanes);
                await lanes[lane].Writer.WriteAsync((CommandsForNew(invoice), invoice), stopping.Token);
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
        ChannelReader<(List<ICommand> Prerequisites, RetailInvoice Invoice)> lane, CancellationTokenSource stopping)
    {
        try
        {
            await foreach (var (prerequisites, invoice) in lane.ReadAllAsync(stopping.Token))
            {
                foreach (var prerequisite in prerequisites)
                    await Send(prerequisite, stopping.Token);
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
    /// Sends a command, and retries it after a transient database error, for example while a server restarts. A failed
    /// attempt has committed nothing or everything. If it has committed everything, the next attempt changes nothing.
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
    /// Returns commands that create the articles and the customer that this invoice is the first to mention. An article
    /// is created at its first price, and a customer once for each country.
    /// </summary>
    private List<ICommand> CommandsForNew(RetailInvoice invoice)
    {
        var commands = new List<ICommand>();
        foreach (var line in invoice.Lines)
        {
            if (line.Price > 0 && line.Description.Length > 0 && _articles.Add(line.Sku))
                commands.Add(TakeOver(line));
        }

        if (invoice.Lines[0] is { Customer: { } customer } first && _customers.Add((customer, first.Country)))
            commands.Add(new TakeOverCustomer(CustomerId.OfNumber(customer), customer, first.Country, first.Time));
        return commands;
    }

    private static TakeOverProduct TakeOver(RetailLine line)
    {
        var id = new ProductId(NameBasedId.Of("product", line.Sku));
        return new TakeOverProduct(id, Sku.From(line.Sku), line.Description, Money.InPounds(line.Price), line.Time);
    }
}
