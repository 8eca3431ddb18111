using System.Text.Json.Serialization;

namespace Millrace.Faults.Tests;

/// <summary>An operation of a client on a stream, with its time and its result: a line of a history.</summary>
/// <param name="Client">Who asked.</param>
/// <param name="Stream">Of which stream.</param>
/// <param name="Kind">What was asked.</param>
/// <param name="Began">When it was asked, by the one clock of all clients.</param>
/// <param name="Ended">When the answer came; <see cref="Never"/> for none.</param>
internal sealed record Operation(int Client, string Stream, OperationKind Kind, long Began, long Ended)
{
    /// <summary>The time of an answer that never came: what was asked may happen at any time.</summary>
    public const long Never = long.MaxValue;

    /// <summary>The version that an append expected; negative for any.</summary>
    public long Expected { get; init; } = -1;

    /// <summary>The events: appended by an append, seen by a read.</summary>
    public IReadOnlyList<Guid> Ids { get; init; } = [];

    /// <summary>What was answered.</summary>
    public AnswerKind Answer { get; init; }

    /// <summary>The version after an append, or that of the stream that a conflict met.</summary>
    public long Version { get; init; }

    /// <summary>The position after an append.</summary>
    public long Position { get; init; }

    public override string ToString()
    {
        var asked =
            Kind == OperationKind.Read ? "read" : $"append {Ids.Count} at {(Expected < 0 ? "any version" : Expected)}";
        var told = Answer switch
        {
            AnswerKind.Done when Kind == OperationKind.Read =>
                $"{Ids.Count} events, the last {(Ids.Count == 0 ? "none" : Ids[^1])}",
            AnswerKind.Done => $"version {Version}, position {Position}, first {Ids[0]}",
            AnswerKind.Conflict => $"conflict with version {Version}",
            AnswerKind.Failed => "failed",
            _ => "no answer",
        };
        return $"client {Client} on {Stream} from {Began} to {(Ended == Never ? "never" : Ended)}: {asked} → {told}";
    }
}

/// <summary>What a client asks for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperationKind>))]
internal enum OperationKind
{
    Append,
    Read,
}

/// <summary>The result for a client.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerKind>))]
internal enum AnswerKind
{
    /// <summary>Nothing, within its patience: an append may have happened, or may yet.</summary>
    Nothing,

    /// <summary>It is done.</summary>
    Done,

    /// <summary>The stream has another version; nothing was written.</summary>
    Conflict,

    /// <summary>It failed, and nothing was written.</summary>
    Failed,
}
