using System.Text.Json.Serialization;

namespace Millrace.TestSupport.Messaging;

public sealed record ReserveStock(string Product, int Quantity) : ICommand<Reserved>;

public sealed record Reserved(string Product, int Left);

public sealed record StockOf(string Product) : IQuery<int>;

public sealed record ClearStock(string Product) : ICommand;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReserveStock))]
[JsonSerializable(typeof(Reserved))]
[JsonSerializable(typeof(StockOf))]
[JsonSerializable(typeof(ClearStock))]
[JsonSerializable(typeof(int))]
internal sealed partial class StockJson : JsonSerializerContext;

/// <summary>A service with a stock, which answers requests.</summary>
internal sealed class Stock
{
    public const int InitialStock = 10;

    private int _remaining = InitialStock;
    private bool _isRefusing;

    /// <summary>Gets the remaining quantity of each product.</summary>
    public int Remaining => Volatile.Read(ref _remaining);

    /// <summary>Gets the task that must complete before a refusal is sent.</summary>
    public Task RefusalGate { get; init; } = Task.CompletedTask;

    /// <summary>Gets whether a refusal waits to be sent.</summary>
    public bool IsRefusing
    {
        get => Volatile.Read(ref _isRefusing);
        private set => Volatile.Write(ref _isRefusing, value);
    }

    /// <summary>Adds a quantity to the stock.</summary>
    public void Add(int quantity) => Interlocked.Add(ref _remaining, quantity);

    public void Register(ModelBuilder model) =>
        model
            .Command(
                new CommandDefinition<ReserveStock, Reserved>("reserve-stock", Reserve)
                {
                    ResultJson = StockJson.Default.Reserved,
                }
            )
            .Command(new CommandDefinition<ClearStock, Nothing>("clear-stock", Clear))
            .Query(new QueryDefinition<StockOf, int>("stock-of", (query, _, _) => new(RemainingOf(query.Product))))
            .Json(StockJson.Default);

    private int RemainingOf(string product) =>
        product.Length > 0 ? Remaining : throw new FormatException("A product must have a name.");

    private async ValueTask<Reserved> Reserve(
        ReserveStock command, CommandContext context, CancellationToken cancellationToken)
    {
        RemainingOf(command.Product);
        if (Remaining is var remaining && command.Quantity > remaining)
        {
            IsRefusing = true;
            await RefusalGate.WaitAsync(cancellationToken);
            throw new InvariantViolatedException("stock", "enough", $"Only {remaining} are left.");
        }
        Interlocked.Add(ref _remaining, -command.Quantity);
        context.Append(Shop.StreamOf(command.Product), ExpectedVersion.Any, new Paid(command.Product));
        return new Reserved(command.Product, Remaining);
    }

    private ValueTask<Nothing> Clear(ClearStock command, CommandContext context, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _remaining, 0);
        return new(default(Nothing));
    }
}
