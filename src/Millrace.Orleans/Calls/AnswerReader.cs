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
    public static CommandResult<TResult>? Read<TResult>(
        byte[] written, JsonTypeInfo? json, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(written);
        var answer = document.RootElement;
        switch ((AnswerKind)answer.GetProperty(CallNames.Kind).GetInt32())
        {
            case AnswerKind.Handled:
                return new CommandResult<TResult>(
                    json is null
                        ? default! // Nothing has only this value.
                        : (TResult)JsonSerializer.Deserialize(answer.GetProperty(CallNames.Value), json)!,
                    answer.GetProperty(CallNames.Version).GetInt64(),
                    answer.Text(CallNames.Token) is { } token ? ConsistencyToken.Parse(token) : default,
                    answer.TryGetProperty(CallNames.WasRepeated, out _));
            case AnswerKind.Failed when FailureFormat.TryRead(answer) is { } failure:
                throw failure;
            case AnswerKind.Cancelled:
                throw new OperationCanceledException(cancellationToken);
            default:
                return null; // Also a failure of a newer version, which the command repeats.
        }
    }
}
