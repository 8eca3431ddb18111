using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Tests.Scheduling;

/// <summary>A bell that rings on a command and records the attempts.</summary>
internal sealed class Bell
{
    public const string Stream = "bell-1";

    /// <summary>The number of remaining failures.</summary>
    public int Failures;

    /// <summary>Gets or sets the exception of a failure.</summary>
    public Exception Error { get; set; } = new TimeoutException("The rope is stuck.");

    /// <summary>An action that runs once while the bell rings, or null.</summary>
    public Func<Task>? WhileRinging;

    public ConcurrentQueue<Guid> Tries { get; } = [];

    public static ModelBuilder Register(ModelBuilder model) => model
        .Event("bell.rung", 1, BellJson.Default.Rung)
        .Event("bell.wound", 1, BellJson.Default.Wound)
        .Command(new CommandDefinition<Ring, Nothing>("ring", Handle))
        .Command(new CommandDefinition<Refuse, Nothing>(
            "refuse", (_, _, _) => throw new InvariantViolatedException("bell", "silence", "It is night.")))
        .Command(new CommandDefinition<Wind, Nothing>("wind", Handle)
        {
            Validate = static (wind, problems) =>
                problems.Require(wind.Key.Length > 0, "key", "The key must be specified."),
        })
        .Command(new CommandDefinition<Unwind, bool>("unwind", Handle))
        .Command(new CommandDefinition<Chime, Nothing>("chime", Handle))
        .Json(BellJson.Default);

    private static async ValueTask<Nothing> Handle(
        Ring ring, CommandContext context, CancellationToken cancellationToken)
    {
        var bell = context.Services.GetRequiredService<Bell>();
        bell.Tries.Enqueue(context.CommandId);
        if (Interlocked.Exchange(ref bell.WhileRinging, null) is { } whileRinging)
            await whileRinging().WaitAsync(cancellationToken);
        if (Interlocked.Decrement(ref bell.Failures) >= 0)
            throw bell.Error;
        context.Append(new StreamId(Stream), ExpectedVersion.Any, new Rung(ring.Name));
        return default;
    }

    private static ValueTask<Nothing> Handle(Wind wind, CommandContext context, CancellationToken cancellationToken)
    {
        context.Append(new StreamId("bell-2"), ExpectedVersion.Any, new Wound(wind.Key));
        context.SetTimer(new Ring(wind.Key), wind.Due, new TimerOptions { Key = wind.Key });
        if (wind.Fails)
            throw new InvariantViolatedException("bell", "wound", "It is wound up already.");
        return new(default(Nothing));
    }

    private static async ValueTask<bool> Handle(
        Unwind unwind,
        CommandContext context,
        CancellationToken cancellationToken) => await context.CancelTimer(unwind.Key, cancellationToken);

    private static async ValueTask<Nothing> Handle(
        Chime chime, CommandContext context, CancellationToken cancellationToken)
    {
        var bell = context.Services.GetRequiredService<Bell>();
        bell.Tries.Enqueue(context.CommandId);
        context.Append(new StreamId(Stream), ExpectedVersion.Any, new Rung($"{chime.Remaining}"));
        if (chime.Remaining > 0)
            context.SetTimer(
                chime with
                {
                    Remaining = chime.Remaining - 1,
                },
                DateTimeOffset.UtcNow,
                new TimerOptions { Key = chime.Key }
            );
        if (Interlocked.Decrement(ref bell.Failures) >= 0)
            throw new TimeoutException("The rope is stuck.");
        if (chime.Cancels)
            await context.CancelTimer(chime.Key, cancellationToken);
        return default;
    }
}

internal sealed record Rung(string Name);

internal sealed record Wound(string Key);

internal sealed record Ring(string Name) : ICommand;

internal sealed record Refuse : ICommand;

internal sealed record Wind(string Key, DateTimeOffset Due, bool Fails = false) : ICommand;

internal sealed record Unwind(string Key) : ICommand<bool>;

/// <summary>Rings, and sets its timer again while the remaining count is not zero. Can then cancel the timer.</summary>
internal sealed record Chime(string Key, int Remaining, bool Cancels = false) : ICommand;

[JsonSerializable(typeof(Rung))]
[JsonSerializable(typeof(Wound))]
[JsonSerializable(typeof(Ring))]
[JsonSerializable(typeof(Refuse))]
[JsonSerializable(typeof(Wind))]
[JsonSerializable(typeof(Unwind))]
[JsonSerializable(typeof(Chime))]
[JsonSerializable(typeof(bool))]
internal sealed partial class BellJson : JsonSerializerContext;
