using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace Millrace.Queries;

/// <summary>
/// Answers one type of query in one store from the cache, and from the handler if the cache has no answer.
/// </summary>
/// <remarks>
/// An answer is used only if its position reflects the token of the caller and if none of its tags was invalidated
/// after its position. So it does not matter when an answer is stored, or whether a storage returns an old one.
/// </remarks>
internal sealed partial class CachedQuery<TQuery, TResult>
    where TQuery : IQuery<TResult>
{
    private const int HashBytes = 16;

    private readonly QueryDefinition<TQuery, TResult> _definition;
    private readonly CachedQueryOptions<TQuery> _options;
    private readonly QueryCache _cache;
    private readonly AnswerFlights<ComputedAnswer<TResult>> _flights;
    private readonly JsonTypeInfo<TQuery> _queryJson;
    private readonly JsonTypeInfo<TResult> _resultJson;
    private readonly bool _isShareable;
    private readonly string _keyPrefix;
    private int _warned;
    private volatile bool _isPositionUnknown; // Of the last computed answer.

    public CachedQuery(
        QueryDefinition<TQuery, TResult> definition, CachedQueryOptions<TQuery> options, QueryCache cache)
    {
        (_definition, _options, _cache) = (definition, options, cache);
        _flights = new(cache.Store.Time);
        _queryJson = cache.JsonOf<TQuery>(definition.Name);
        _resultJson = cache.JsonOf<TResult>(definition.Name);
        _isShareable = !options.IsOnlyInProcess && cache.Storage.IsShared
            && !cache.HasMarks(typeof(TQuery)) && !cache.HasMarks(typeof(TResult));
        // Another build can have another shape of the answer, or another handler.
        var build = string.Join(
            ' ',
            typeof(TQuery).Module.ModuleVersionId,
            typeof(TResult).Module.ModuleVersionId,
            cache.Build);
        _keyPrefix = $"{cache.Tenant}:{definition.Name}:{Hash(Encoding.UTF8.GetBytes(build))}:";
    }

    public bool IsPerUser => _options.IsPerUser;

    /// <summary>Answers a query, and records the freshness and the source in its context.</summary>
    public ValueTask<TResult> Answer(
        TQuery query, QueryContext context, string? user, CancellationToken cancellationToken)
    {
        if (_cache.Log is not { Identity: { } identity } log)
            return Bypass(query, context, cancellationToken);
        var request = new CacheRequest(KeyOf(query, user, identity), TagsOf(query), log);
        if (_cache.Storage.Find(request.Key) is { } cached && IsValid(cached, request, context.After))
        {
            _cache.Metrics.RecordAnswer(_definition.Name, "process");
            return ValueTask.FromResult(Use(cached, AnswerSource.ProcessCache, context));
        }
        return AnswerMissing(query, request, context, cancellationToken);
    }

    private ValueTask<TResult> Bypass(TQuery query, QueryContext context, CancellationToken cancellationToken)
    {
        _cache.Metrics.RecordAnswer(_definition.Name, "bypass");
        return _definition.Handler(query, context, cancellationToken);
    }

    /// <summary>
    /// Answers from the shared level or the handler. Callers without a token share one computation. A caller whose
    /// token that computation does not reflect computes the answer alone, and waits for its token.
    /// </summary>
    private async ValueTask<TResult> AnswerMissing(
        TQuery query, CacheRequest request, QueryContext context, CancellationToken cancellationToken)
    {
        var answer = _isPositionUnknown && !context.After.IsNone
            ? null // It would not be known to reflect the token.
            : await _flights
                .Run(
                    request.Key,
                    cancellation => FindOrCompute(query, request, context.Services, cancellation),
                    cancellationToken)
                .ConfigureAwait(false);
        if (answer is null || !Reflects(answer, context.After))
            answer = await Compute(query, request, context.Services, context.After, context.Wait, cancellationToken)
                .ConfigureAwait(false);
        _cache.Metrics.RecordAnswer(
            _definition.Name, answer.Source == AnswerSource.SharedCache ? "shared" : "miss");
        context.Take(answer, isFresh: !context.After.IsNone && Reflects(answer, context.After));
        return answer.Value;
    }

    private async ValueTask<ComputedAnswer<TResult>> FindOrCompute(
        TQuery query, CacheRequest request, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (_isShareable
            && await _cache.Storage.FindShared(request.Key, cancellationToken).ConfigureAwait(false) is { } shared
            && IsValid(shared, request, default)
            && TryDecode(shared) is { } decoded)
        {
            var remaining = shared.ExpiresAt - _cache.Store.Time.GetUtcNow();
            await _cache.Storage
                .Put(request.Key, shared, remaining, isFromShared: true, cancellationToken)
                .ConfigureAwait(false);
            return decoded;
        }
        return await Compute(query, request, services, default, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ComputedAnswer<TResult>> Compute(
        TQuery query,
        CacheRequest request,
        IServiceProvider services,
        ConsistencyToken after,
        TimeSpan wait,
        CancellationToken cancellationToken)
    {
        var context = new QueryContext(services, after, wait);
        var value = await _definition.Handler(query, context, cancellationToken).ConfigureAwait(false);
        var answer = new ComputedAnswer<TResult>(
            value, context.Freshness, context.Reflects, context.ReadTypes, AnswerSource.Handler);
        _isPositionUnknown = answer.Reflects.IsNone;
        if (answer.Reflects.IsNone && context.Freshness.IsFresh && Interlocked.Exchange(ref _warned, 1) == 0)
            Log.UnknownPosition(_cache.Logger, _definition.Name);
        if (answer.Reflects is { IsNone: false } reflects
            && context.Freshness is { BlockedEvents: 0, IsOtherEpoch: false }
            && reflects.LogEpoch == request.Log.Epoch
            && request.Log.Tags.AreValid(request.Tags, reflects.Position))
            await Store(answer, request, cancellationToken).ConfigureAwait(false);
        return answer;
    }

    private ValueTask Store(
        ComputedAnswer<TResult> answer, in CacheRequest request, CancellationToken cancellationToken)
    {
        var isShared = _isShareable && !answer.ReadTypes.Any(_cache.HasMarks);
        var cached = CachedAnswer.Create(
            answer.Value,
            _resultJson,
            answer.Reflects,
            _cache.Store.Time.GetUtcNow() + _options.Expiry,
            isShared,
            answer.ReadTypes);
        return _cache.Storage.Put(request.Key, cached, _options.Expiry, isFromShared: false, cancellationToken);
    }

    private bool IsValid(CachedAnswer cached, in CacheRequest request, ConsistencyToken after) =>
        cached.LogEpoch == request.Log.Epoch
        && cached.ExpiresAt > _cache.Store.Time.GetUtcNow()
        && (after.IsNone || (after.LogEpoch == cached.LogEpoch && cached.Position >= after.Position))
        && request.Log.Tags.AreValid(request.Tags, cached.Position);

    private static bool Reflects(ComputedAnswer<TResult> answer, ConsistencyToken after) =>
        after.IsNone
        || (answer.Reflects.LogEpoch == after.LogEpoch && answer.Reflects.Position >= after.Position);

    private TResult Use(CachedAnswer cached, AnswerSource source, QueryContext context)
    {
        context.Take(AnswerOf(cached, source), isFresh: !context.After.IsNone);
        return cached.ValueOf(_resultJson);
    }

    private ComputedAnswer<TResult> AnswerOf(CachedAnswer cached, AnswerSource source) => new(
        cached.ValueOf(_resultJson),
        new Freshness(Math.Max(0, _cache.Store.Tail.Head.Position - cached.Position)),
        new ConsistencyToken(cached.LogEpoch, cached.Position),
        cached.ReadTypes,
        source);

    private ComputedAnswer<TResult>? TryDecode(CachedAnswer shared)
    {
        try
        {
            return AnswerOf(shared, AnswerSource.SharedCache);
        }
        catch (JsonException exception)
        {
            Log.Unreadable(_cache.Logger, _definition.Name, exception);
            return null;
        }
    }

    private string[] TagsOf(TQuery query)
    {
        var tags = new string[_options.Tags.Count + 1];
        tags[0] = _definition.Name;
        for (var i = 0; i < _options.Tags.Count; i++)
            tags[i + 1] = _options.Tags[i](query);
        return tags;
    }

    /// <summary>Returns the key of a query. A hash, because the query can contain personal data.</summary>
    private string KeyOf(TQuery query, string? user, string identity)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(query, _queryJson);
        return string.Concat(
            identity,
            _keyPrefix,
            Hash(user is null ? json : [.. json, .. Encoding.UTF8.GetBytes(user)]));
    }

    private static string Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Base64Url.EncodeToString(hash[..HashBytes]);
    }

    /// <summary>What a lookup needs.</summary>
    private readonly record struct CacheRequest(string Key, string[] Tags, FollowedLog Log);

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 8003, Level = LogLevel.Warning,
            Message = "The answers to '{Query}' are not cached, because the position that they reflect is unknown. "
                + "Read with the context of the query, or call QueryContext.RecordPosition.")]
        public static partial void UnknownPosition(ILogger logger, string query);

        [LoggerMessage(
            EventId = 8004, Level = LogLevel.Warning,
            Message = "A shared answer to '{Query}' cannot be read, and is computed again.")]
        public static partial void Unreadable(ILogger logger, string query, Exception exception);
    }
}
