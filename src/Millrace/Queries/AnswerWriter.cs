using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace Millrace.Queries;

/// <summary>Encodes the answers to one type of query, and decides which of them may leave the process.</summary>
/// <param name="query">The name of the query.</param>
/// <param name="json">The JSON metadata of the answers.</param>
/// <param name="cache">The cache.</param>
/// <param name="isShareable">Whether the type of the query and its declaration allow shared answers.</param>
internal sealed partial class AnswerWriter<TResult>(
    string query, JsonTypeInfo<TResult> json, QueryCache cache, bool isShareable)
{
    private volatile bool _isShareable =
        isShareable && !cache.HasMarks(typeof(TResult)) && IsComplete(query, json, cache.Logger);
    private int _warned;

    /// <summary>Gets whether answers may leave the process, unless what they were read from has marks.</summary>
    public bool IsShareable => _isShareable;

    /// <summary>Encodes an answer; returns null if it has no JSON, because the query must not fail.</summary>
    public CachedAnswer? TryEncode(
        ComputedAnswer<TResult> answer, QueryContext context, AnswerState state, DateTimeOffset expiresAt)
    {
        // Without the context, a handler can read marked values of which the types tell nothing.
        var isShared = _isShareable
            && !context.ReadTypes.Any(cache.HasMarks)
            && !(context.IncludesOtherReads && cache.ModelHasMarks);
        try
        {
            var encoded = CachedAnswer.Create(
                answer.Value, json, state, expiresAt, isShared, answer.ReadTypes, answer.DocumentsExpireAt);
            if (!isShared || encoded.IsReproducible(json))
                return encoded;
            _isShareable = false;
            Log.NotReproducible(cache.Logger, query);
            return encoded.WithoutBytes();
        }
#pragma warning disable CA1031 // The handler succeeded. Whatever the members of the answer throw, its caller gets it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (Interlocked.Exchange(ref _warned, 1) == 0)
                Log.NotEncodable(cache.Logger, query, exception);
            return null;
        }
    }

    /// <summary>Decodes the value of an answer of another node; returns false if that is not possible.</summary>
    public bool TryDecode(CachedAnswer shared)
    {
        try
        {
            _ = shared.ValueOf(json); // The answer keeps the value.
            return true;
        }
#pragma warning disable CA1031 // Constructors and converters can throw anything. The answer is computed again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Unreadable(cache.Logger, query, exception);
            return false;
        }
    }

    private static bool IsComplete(string query, JsonTypeInfo json, ILogger logger)
    {
        var member = HiddenMembers.Find(json);
        if (member is not null)
            Log.NotComplete(logger, query, member);
        return member is null;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 8004, Level = LogLevel.Warning,
            Message = "A shared answer to '{Query}' cannot be read, and is computed again.")]
        public static partial void Unreadable(ILogger logger, string query, Exception exception);

        [LoggerMessage(
            EventId = 8007, Level = LogLevel.Warning,
            Message = "The answers to '{Query}' are cached only in the process, because other nodes would not read the "
                + "same value from the JSON. Give its members setters or constructor parameters.")]
        public static partial void NotReproducible(ILogger logger, string query);

        [LoggerMessage(
            EventId = 8009, Level = LogLevel.Warning,
            Message = "The answers to '{Query}' are cached only in the process, because their JSON does not contain "
                + "{Member}, so other nodes would read answers without it.")]
        public static partial void NotComplete(ILogger logger, string query, string member);

        [LoggerMessage(
            EventId = 8008, Level = LogLevel.Warning,
            Message = "Answers to '{Query}' are not cached, because they cannot be written as JSON.")]
        public static partial void NotEncodable(ILogger logger, string query, Exception exception);
    }
}
