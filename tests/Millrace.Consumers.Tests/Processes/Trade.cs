using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Tests.Processes;

/// <summary>
/// The work of the steps of a trade. Each command appends an event to the stream <c>work-ID</c>, or fails as the test
/// requires.
/// </summary>
internal sealed class Trade
{
    /// <summary>
    /// Gets the number of failures of each command before it succeeds. A negative number causes a domain refusal.
    /// </summary>
    public ConcurrentDictionary<string, int> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the exception of each failing command.</summary>
    public ConcurrentDictionary<string, Exception> Errors { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the attempted commands and their ids.</summary>
    public ConcurrentQueue<(string Name, Guid CommandId)> Tries { get; } = [];

    /// <summary>Gets the requests to external services. The services detect repetitions by the id.</summary>
    public ConcurrentQueue<(string Trade, string Name, Guid CommandId)> ExternalRequests { get; } = [];

    public static ModelBuilder Register(ModelBuilder model) => model
        .Event("trade.agreed", 1, TradeJson.Default.Agreed)
        .Event("trade.arrived", 1, TradeJson.Default.Arrived)
        .Event("trade.judged", 1, TradeJson.Default.Judged)
        .Event("work.done", 1, TradeJson.Default.WorkDone)
        .Event("books.booked", 1, TradeJson.Default.Booked)
        .Command(new CommandDefinition<DoWork, Nothing>("do-work", Handle))
        .Command(new CommandDefinition<Book, Nothing>("book", Handle))
        .Json(TradeJson.Default);

    private static ValueTask<Nothing> Handle(DoWork work, CommandContext context, CancellationToken cancellationToken)
    {
        var trade = context.Services.GetRequiredService<Trade>();
        trade.Tries.Enqueue((work.Name, context.CommandId));
        trade.ExternalRequests.Enqueue((work.Trade, work.Name, context.CommandId));
        if (trade.Errors.TryGetValue(work.Name, out var error))
            throw error;
        var failures = trade.Failures.GetValueOrDefault(work.Name);
        if (failures < 0)
            throw new InvariantViolatedException("trade", "possible", $"{work.Name} is refused.");
        if (failures > 0)
        {
            trade.Failures[work.Name] = failures - 1;
            throw new TimeoutException($"{work.Name} does not answer.");
        }
        context.Append(StreamOf(work.Trade), ExpectedVersion.Any, new WorkDone(work.Name));
        return new(default(Nothing));
    }

    private static ValueTask<Nothing> Handle(Book book, CommandContext context, CancellationToken cancellationToken)
    {
        context.Append(Books, ExpectedVersion.Any, new Booked(book.Work));
        return new(default(Nothing));
    }

    /// <summary>
    /// Gets the stream of the clerk's ledger. It has one entry for each event, even when the event is delivered
    /// repeatedly.
    /// </summary>
    public static StreamId Books { get; } = new("books-1");

    public static StreamId StreamOf(string trade) => new("work-" + trade);
}

internal sealed record Agreed(string Trade, int Amount);

internal sealed record Arrived(string Trade);

internal sealed record Judged(string Trade, bool IsGood);

internal sealed record WorkDone(string Name);

internal sealed record Booked(Guid Work);

internal sealed record Book(Guid Work) : ICommand;

internal sealed record DoWork(string Trade, string Name) : ICommand;

[JsonSerializable(typeof(Agreed))]
[JsonSerializable(typeof(Arrived))]
[JsonSerializable(typeof(Judged))]
[JsonSerializable(typeof(WorkDone))]
[JsonSerializable(typeof(DoWork))]
[JsonSerializable(typeof(Booked))]
[JsonSerializable(typeof(Book))]
internal sealed partial class TradeJson : JsonSerializerContext;

/// <summary>A process with a definition of a test.</summary>
internal sealed class TradeProcess(Action<ProcessBuilder<string>> define) : Process<string>
{
    protected override void Define(ProcessBuilder<string> process) => define(process);

    public static ProcessDefinition<string> Create(Action<ProcessBuilder<string>> define, int version = 1) =>
        new("trade", version, new TradeProcess(define));
}
