using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Orleans.Calls;

/// <summary>Reads the answer to a routed command.</summary>
internal static class AnswerReader
{
    /// <summary>Returns the result; null if the sender has to handle the command itself.</summary>
    /// <param name="written">The answer.</param>
    /// <param name="json">The JSON metadata of the value; null for <see cref="Nothing"/>.</param>
    /// <param name="cancellationToken">The token that cancelled the command.</param>
    /// <exception cref="MillraceException">The command failed with this exception on the other node.</exception>
    /// <exception cref="OperationCanceledException">The command was cancelled.</exception>
    /// <exception cref="UnreadableAnswerException">This version cannot read the answer, so that the command may be
    /// committed.</exception>
    public static CommandResult<TResult>? Read<TResult>(
        byte[] written, JsonTypeInfo? json, CancellationToken cancellationToken)
    {
        Exception failure;
        try
        {
            using var document = JsonDocument.Parse(written);
            var answer = document.RootElement;
            switch (KindOf(answer))
            {
                case AnswerKind.Handled:
                    return ReadResult<TResult>(answer, json);
                case AnswerKind.Unknown or AnswerKind.Repeat:
                    return null;
                case AnswerKind.Cancelled:
                    failure = new OperationCanceledException(cancellationToken);
                    break;
                case AnswerKind.Failed when FailureFormat.TryRead(answer) is { } known:
                    failure = known;
                    break;
                default:
                    failure = new UnreadableAnswerException("It is of a newer version of Millrace.Orleans.", null);
                    break;
            }
        }
#pragma warning disable CA1031 // Whatever the reason, the command may be committed.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new UnreadableAnswerException(exception.Message, exception);
        }
        throw failure;
    }

    /// <summary>Returns the kind of an answer; null for an answer of another version.</summary>
    private static AnswerKind? KindOf(JsonElement answer) =>
        answer.GetProperty(CallNames.Format).GetInt32() == CallNames.CurrentFormat
            ? (AnswerKind)answer.GetProperty(CallNames.Kind).GetInt32()
            : null;

    private static CommandResult<TResult> ReadResult<TResult>(JsonElement answer, JsonTypeInfo? json) => new(
        json is null
            ? default! // Nothing has only this value.
            : (TResult)JsonSerializer.Deserialize(answer.GetProperty(CallNames.Value), json)!,
        answer.GetProperty(CallNames.Version).GetInt64(),
        answer.Text(CallNames.Token) is { } token ? ConsistencyToken.Parse(token) : default,
        answer.TryGetProperty(CallNames.WasRepeated, out _));
}
