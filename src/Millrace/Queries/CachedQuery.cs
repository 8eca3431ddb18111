using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace Millrace.Queries;

/// <summary>
/// Answers one type of query in one store from the cache, and from the handler if the cache has no answer.
/// </summary>
/// <remarks>
/// An answer is used only if its position reflects the token of the caller, if none of its tags was invalidated after
/// its position, if queries still read its collections, and if no event was removed from streams that it may depend on.
/// So it does not matter when an answer is stored, or whether a storage returns an old one.
/// </remarks>
internal sealed partial class CachedQuery<TQuery, TResult>
    where TQuery : IQuery<TResult>
{
    // Longer than most handlers take. It also ends the wait of a handler that asks its own query.
    private static readonly TimeSpan MaxFlight = TimeSpan.FromSeconds(10);

    private readonly QueryDefinition<TQuery, TResult> _definition;
    private readonly CachedQueryOptions<TQuery> _options;
    private readonly QueryCache _cache;
    private readonly AnswerFlights<ComputedAnswer<TResult>> _flights;
    private readonly AnswerKeys<TQuery> _keys;
    private readonly JsonTypeInfo<TResult> _resultJson;
    private readonly AnswerWriter<TResult> _writer;
    private int _warned;
    private int _warnedOfUser;
    private volatile bool _isPositionUnknown; // Of the last computed answer.

    public CachedQuery(
        QueryDefinition<TQuery, TResult> definition, CachedQueryOptions<TQuery> options, QueryCache cache)
    {
        (_definition, _options, _cache) = (definition, options, cache);
        _flights = new(cache.Store.Time);
        var queryJson = cache.JsonOf<TQuery>(definition.Name);
        _resultJson = cache.JsonOf<TResult>(definition.Name);
        _writer = new(
            definition.Name,
            _resultJson,
            cache,
            isShareable: !options.IsOnlyInProcess && cache.Storage.IsShared && !cache.HasMarks(typeof(TQuery)));
        var build = $"{CachedTypes.BuildOf(definition.Handler, queryJson, _resultJson)} {cache.Build}";
        _keys = new AnswerKeys<TQuery>(cache.Tenant, definition.Name, build, queryJson);
    }

    public bool IsPerUser => _options.IsPerUser;

    /// <summary>Answers a query, and records the freshness and the source in its context.</summary>
    public ValueTask<TResult> Answer(
        TQuery query, QueryContext context, string? user, CancellationToken cancellationToken)
    {
        if (_cache.Log is not { Identity: { } identity } log)
            return Bypass(query, context, cancellationToken);
        var request = new CacheRequest(
            _keys.Of(query, user, identity), TagsOf(query), log, _cache.Store.Stored.Round);
        if (_cache.Storage.Find(request.Key) is { } cached && IsValid(cached, request, context.After))
        {
            _cache.Metrics.RecordAnswer(_definition.Name, "process");
            return ValueTask.FromResult(Use(cached, AnswerSource.ProcessCache, context));
        }
        return AnswerMissing(query, request, context, cancellationToken);
    }

    /// <summary>Answers a query of a user without an id, whose answers would mix with those of other users.</summary>
    public ValueTask<TResult> AnswerUnknownUser(
        TQuery query, QueryContext context, bool hasNoUser, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _warnedOfUser, 1) == 0)
        {
            if (hasNoUser)
                Log.NoUser(_cache.Logger, _definition.Name);
            else
                Log.NoUserId(_cache.Logger, _definition.Name);
        }
        return Bypass(query, context, cancellationToken);
    }

    private ValueTask<TResult> Bypass(TQuery query, QueryContext context, CancellationToken cancellationToken)
    {
        _cache.Metrics.RecordAnswer(_definition.Name, "bypass");
        return _definition.Handler(query, context, cancellationToken);
    }

    /// <summary>
    /// Answers from a level or the handler. Callers without a token share one computation, which does not wait
    /// for the read models, and so do callers with a token. A caller whose token that computation does not reflect
    /// shares the next one.
    /// </summary>
    private async ValueTask<TResult> AnswerMissing(
        TQuery query, CacheRequest request, QueryContext context, CancellationToken cancellationToken)
    {
        var after = context.After;
        var started = _cache.Store.Time.GetTimestamp();
        var answer = _isPositionUnknown && !after.IsNone
            ? null // It would not be known to reflect the token.
            : await _flights
                .Run(
                    after.IsNone ? request.Key : request.Key + "+",
                    cancellation => FindOrCompute(query, request, Remaining(context, started), cancellation),
                    found => Reflects(found.Reflects, after),
                    after.IsNone || context.Wait > MaxFlight ? MaxFlight : context.Wait,
                    cancellationToken)
                .ConfigureAwait(false);
        answer ??= await Compute(query, request, Remaining(context, started), cancellationToken).ConfigureAwait(false);
        _cache.Metrics.RecordAnswer(_definition.Name, answer.Source switch
        {
            AnswerSource.ProcessCache => "process",
            AnswerSource.SharedCache => "shared",
            _ => "miss",
        });
        context.Take(answer, isFresh: !context.After.IsNone && Reflects(answer.Reflects, context.After));
        return answer.Value;
    }

    private async ValueTask<ComputedAnswer<TResult>> FindOrCompute(
        TQuery query, CacheRequest request, QueryContext context, CancellationToken cancellationToken)
    {
        // Another caller may have stored it since this one looked.
        if (_cache.Storage.Find(request.Key) is { } stored && IsValid(stored, request, context.After))
            return AnswerOf(stored, AnswerSource.ProcessCache);
        if (_writer.IsShareable
            && await _cache.Storage.FindShared(request.Key, cancellationToken).ConfigureAwait(false) is { } shared
            && IsValid(shared, request, context.After)
            && _writer.TryDecode(shared))
        {
            var remaining = shared.ExpiresAt - _cache.Store.Time.GetUtcNow();
            var expiry = remaining < _options.Expiry ? remaining : _options.Expiry; // The clocks can differ.
            await _cache.Storage
                .Put(request.Key, shared, expiry, isFromShared: true, cancellationToken)
                .ConfigureAwait(false);
            return AnswerOf(shared, AnswerSource.SharedCache);
        }
        return await Compute(query, request, context, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns a context for the handler with the rest of the caller's wait.</summary>
    private QueryContext Remaining(QueryContext context, long started)
    {
        var remaining = context.Wait - _cache.Store.Time.GetElapsedTime(started);
        return new QueryContext(
            context.Services, context.After, remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero);
    }

    private async ValueTask<ComputedAnswer<TResult>> Compute(
        TQuery query, CacheRequest request, QueryContext context, CancellationToken cancellationToken)
    {
        var value = await _definition.Handler(query, context, cancellationToken).ConfigureAwait(false);
        var answer = new ComputedAnswer<TResult>(
            value, context.Freshness, context.Reflects, context.ReadTypes, AnswerSource.Handler)
        {
            DocumentsExpireAt = context.ExpiresAt,
        };
        _isPositionUnknown = answer.Reflects.IsNone;
        if (answer.Reflects.IsNone && context.Freshness.IsFresh && Interlocked.Exchange(ref _warned, 1) == 0)
            Log.UnknownPosition(_cache.Logger, _definition.Name);
        if (!answer.Reflects.IsNone && context.Freshness is { BlockedEvents: 0, IsOtherEpoch: false })
        {
            var state = StateOf(context, request.Log);
            if (IsCurrent(state, request)
                && _writer.TryEncode(answer, context, state, ExpiryOf(answer)) is { } encoded)
                await Store(encoded, request, cancellationToken).ConfigureAwait(false);
        }
        return answer;
    }

    /// <summary>Returns the end of the answer's time, which is not after the expiry of one of its documents.</summary>
    private DateTimeOffset ExpiryOf(ComputedAnswer<TResult> answer)
    {
        var end = _cache.Store.Time.GetUtcNow() + _options.Expiry;
        return answer.DocumentsExpireAt < end ? answer.DocumentsExpireAt.Value : end;
    }

    private async ValueTask Store(CachedAnswer answer, CacheRequest request, CancellationToken cancellationToken)
    {
        await _cache.Storage
            .Put(request.Key, answer, _options.Expiry, isFromShared: false, cancellationToken)
            .ConfigureAwait(false);
        // The answer may contain values that were erased while the handler ran.
        if (_cache.Store.Stored.Round != request.Round)
            _cache.Storage.Clear();
        if (_cache.IsStopped)
            _cache.RemoveAnswers();
    }

    /// <summary>Returns the state that an answer reflects, from what was known before the handler read.</summary>
    private static AnswerState StateOf(QueryContext context, FollowedLog log) => new(
        context.Reflects,
        context.IncludesStreams ? log.LastRemoval : AnswerState.NoRemovals,
        context.IncludesOtherReads ? log.Collections : context.Collections); // Other reads can be of any collection.

    private bool IsValid(CachedAnswer cached, in CacheRequest request, ConsistencyToken after) =>
        cached.ExpiresAt > _cache.Store.Time.GetUtcNow()
        && Reflects(cached.State.Reflects, after)
        && IsCurrent(cached.State, request);

    private bool IsCurrent(AnswerState state, in CacheRequest request) =>
        state.Reflects.LogEpoch == request.Log.Epoch
        && request.Log.Tags.AreValid(request.Tags, state.Reflects.Position)
        && _cache.AreCurrent(state.Collections)
        && (state.LastRemoval == AnswerState.NoRemovals
            || (state.LastRemoval >= request.Log.LastRemoval
                && _cache.Store.Tail.OwnRemovals == request.Log.OwnRemovals));

    private static bool Reflects(ConsistencyToken position, ConsistencyToken after) =>
        after.IsNone || (position.LogEpoch == after.LogEpoch && position.Position >= after.Position);

    private TResult Use(CachedAnswer cached, AnswerSource source, QueryContext context)
    {
        context.Take(AnswerOf(cached, source), isFresh: !context.After.IsNone);
        return cached.ValueOf(_resultJson);
    }

    private ComputedAnswer<TResult> AnswerOf(CachedAnswer cached, AnswerSource source) => new(
        cached.ValueOf(_resultJson),
        new Freshness(Math.Max(0, _cache.Store.Tail.Head.Position - cached.State.Reflects.Position)),
        cached.State.Reflects,
        cached.ReadTypes,
        source)
    {
        DocumentsExpireAt = cached.DocumentsExpireAt,
    };

    private string[] TagsOf(TQuery query)
    {
        var tags = new string[_options.Tags.Count + 1];
        tags[0] = _definition.Name;
        for (var i = 0; i < _options.Tags.Count; i++)
            tags[i + 1] = _options.Tags[i](query)
                ?? throw new InvalidOperationException(
                    $"The tag function {i + 1} of the cached query '{_definition.Name}' returned null.");
        return tags;
    }

    /// <summary>What a lookup needs.</summary>
    private readonly record struct CacheRequest(string Key, string[] Tags, FollowedLog Log, long Round);

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 8003, Level = LogLevel.Warning,
            Message = "The answers to '{Query}' are not cached, because the position that they reflect is unknown. "
                + "Read with the context of the query, or call QueryContext.RecordPosition.")]
        public static partial void UnknownPosition(ILogger logger, string query);

        [LoggerMessage(
            EventId = 8005, Level = LogLevel.Warning,
            Message = "'{Query}' was asked without a known user, so its answer is not cached per user. Set "
                + "AskOptions.User, or call AddMillraceAuthorization of the package Millrace.AspNetCore.")]
        public static partial void NoUser(ILogger logger, string query);

        [LoggerMessage(
            EventId = 8006, Level = LogLevel.Warning,
            Message = "'{Query}' was asked by a user without a single id, so its answer is not cached per user. The id "
                + "is the claim 'sub', or the one that AddAccessControl declares, of a signed-in user.")]
        public static partial void NoUserId(ILogger logger, string query);
    }
}
