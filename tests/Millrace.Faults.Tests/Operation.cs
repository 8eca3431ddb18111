using System.Text.Json.Serialization;

namespace Millrace.Faults.Tests;

/// <summary>
/// An operation of a client on a stream, with its times and its result. A history is a list of operations.
/// </summary>
/// <param name="Client">The client.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Kind">The kind of operation.</param>
/// <param name="Began">The time of the request, on one clock for all clients.</param>
/// <param name="Ended">The time of the answer, or <see cref="Never"/> for an operation without an answer.</param>
internal sealed record Operation(int Client, string Stream, OperationKind Kind, long Began, long Ended)
{
    /// <summary>
    /// The end time of an operation without an answer. Such an operation may happen at any later time.
    /// </summary>
    public const long Never = long.MaxValue;

    /// <summary>Gets the version that an append expects, or a negative number for any version.</summary>
    public long Expected { get; init; } = -1;

    /// <summary>Gets the ids of the events that an append writes or that a read returns.</summary>
    public IReadOnlyList<Guid> Ids { get; init; } = [];

    /// <summary>Gets the kind of result.</summary>
    public AnswerKind Answer { get; init; }

    /// <summary>Gets the version after an append, or the actual version of the stream at a conflict.</summary>
    public long Version { get; init; }

    /// <summary>Gets the position after an append.</summary>
    public long Position { get; init; }

    public override string ToString()
    {
        var request =
            Kind == OperationKind.Read ? "read" : $"append {Ids.Count} at {(Expected < 0 ? "any version" : Expected)}";
        var result = Answer switch
        {
            AnswerKind.Done when Kind == OperationKind.Read =>
                $"{Ids.Count} events, the last {(Ids.Count == 0 ? "none" : Ids[^1])}",
            AnswerKind.Done => $"version {Version}, position {Position}, first {Ids[0]}",
            AnswerKind.Conflict => $"conflict with version {Version}",
            AnswerKind.Failed => "failed",
            _ => "no answer",
        };
        return $"client {Client} on {Stream} from {Began} to {(Ended == Never ? "never" : Ended)}: "
            + $"{request} → {result}";
    }
}

/// <summary>The kinds of operations.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperationKind>))]
internal enum OperationKind
{
    Append,
    Read,
}

/// <summary>The kinds of results that a client receives.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerKind>))]
internal enum AnswerKind
{
    /// <summary>
    /// The client received no answer within the timeout. An append may have happened, or may still happen.
    /// </summary>
    Nothing,

    /// <summary>The operation succeeded.</summary>
    Done,

    /// <summary>The stream has another version, and the store wrote nothing.</summary>
    Conflict,

    /// <summary>The operation failed, and the store wrote nothing.</summary>
    Failed,
}
