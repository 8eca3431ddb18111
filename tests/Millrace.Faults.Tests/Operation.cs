using System.Text.Json.Serialization;

namespace Millrace.Faults.Tests;

/// <summary>An operation of a client on a stream, with its time and its result: a line of a history.</summary>
/// <param name="Client">The client.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Kind">The kind of operation.</param>
/// <param name="Began">The time of the request, on one clock for all clients.</param>
/// <param name="Ended">The time of the answer; <see cref="Never"/> for none.</param>
internal sealed record Operation(int Client, string Stream, OperationKind Kind, long Began, long Ended)
{
    /// <summary>The end time of an operation without an answer: it may happen at any time.</summary>
    public const long Never = long.MaxValue;

    /// <summary>The version that an append expected; negative for any.</summary>
    public long Expected { get; init; } = -1;

    /// <summary>The events: appended by an append, seen by a read.</summary>
    public IReadOnlyList<Guid> Ids { get; init; } = [];

    /// <summary>The result.</summary>
    public AnswerKind Answer { get; init; }

    /// <summary>The version after an append, or the version of the stream at a conflict.</summary>
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

/// <summary>The kinds of operations.</summary>
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
    /// <summary>No answer within the timeout: an append may have happened, or may still happen.</summary>
    Nothing,

    /// <summary>It succeeded.</summary>
    Done,

    /// <summary>The stream has another version; nothing was written.</summary>
    Conflict,

    /// <summary>It failed, and nothing was written.</summary>
    Failed,
}
