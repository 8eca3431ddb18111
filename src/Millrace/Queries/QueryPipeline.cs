using System.Diagnostics;
using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Auditing;
using Millrace.Security;

namespace Millrace.Queries;

/// <summary>Answers one type of query in one store.</summary>
internal abstract class QueryPipeline;

/// <summary>Answers one type of query in one store. The type parameter is the type of the answer.</summary>
internal abstract class QueryPipeline<TResult> : QueryPipeline
{
    /// <summary>Sends a query of exactly the type that the pipeline answers.</summary>
    public abstract ValueTask<QueryResult<TResult>> Ask(
        IQuery<TResult> query, IServiceProvider services, AskOptions? options, CancellationToken cancellationToken);
}

/// <summary>Authorizes and answers queries of one type.</summary>
internal sealed class QueryPipeline<TQuery, TResult>(
    QueryDefinition<TQuery, TResult> definition, QueryDispatcher dispatcher) : QueryPipeline<TResult>
    where TQuery : IQuery<TResult>
{
    private readonly CachedQuery<TQuery, TResult>? _cached = dispatcher.Cache?.Find(definition);

    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);

    public override ValueTask<QueryResult<TResult>> Ask(
        IQuery<TResult> query, IServiceProvider services, AskOptions? options, CancellationToken cancellationToken)
    {
        if (options is not null && (options.Wait < TimeSpan.Zero || options.Wait > MaxWait))
            throw new ArgumentOutOfRangeException(nameof(options), options.Wait, "Wait must be from 0 to 5 minutes.");
        return dispatcher.IsObserved
            ? AskObserved((TQuery)query, services, options, cancellationToken)
            : Run((TQuery)query, services, options, cancellationToken);
    }

    private async ValueTask<QueryResult<TResult>> AskObserved(
        TQuery query, IServiceProvider services, AskOptions? options, CancellationToken cancellationToken)
    {
        var started = dispatcher.Time.GetTimestamp();
        using var activity = MillraceTelemetry.Source.StartActivity($"ask {definition.Name}");
        try
        {
            var result = await Run(query, services, options, cancellationToken).ConfigureAwait(false);
            dispatcher.RecordAnswer(definition.Name, dispatcher.Time.GetElapsedTime(started), error: null);
            return result;
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            activity?.SetTag("error.type", exception.GetType().Name);
            dispatcher.RecordAnswer(definition.Name, dispatcher.Time.GetElapsedTime(started), exception);
            throw;
        }
    }

    private ValueTask<QueryResult<TResult>> Run(
        TQuery query, IServiceProvider services, AskOptions? options, CancellationToken cancellationToken) =>
        dispatcher.Audit is null
            ? Answer(query, services, options, cancellationToken)
            : AnswerAudited(query, services, options, dispatcher.Audit, cancellationToken);

    /// <summary>Records a query that was denied, also because the user may not view a document of its answer.</summary>
    private async ValueTask<QueryResult<TResult>> AnswerAudited(
        TQuery query,
        IServiceProvider services,
        AskOptions? options,
        CommandAudit audit,
        CancellationToken cancellationToken)
    {
        try
        {
            return await Answer(query, services, options, cancellationToken).ConfigureAwait(false);
        }
        catch (AccessDeniedException denied)
        {
            await RecordDenied(audit, denied, services, options).ConfigureAwait(false);
            throw;
        }
    }

    private ValueTask RecordDenied(
        CommandAudit audit, AccessDeniedException denied, IServiceProvider services, AskOptions? options) =>
        audit.DeniedQuery(definition.Name, denied, SenderOf(options, services, out _));

    private async ValueTask<QueryResult<TResult>> Answer(
        TQuery query, IServiceProvider services, AskOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (dispatcher.HasAuthorizers)
            await AccessCheck
                .Demand(services, definition.Name, query, options?.User, cancellationToken)
                .ConfigureAwait(false);
        var context = new QueryContext(services, options?.After ?? default, options?.Wait ?? AskOptions.DefaultWait);
        var value =
            _cached is null
            ? await definition.Handler(query, context, cancellationToken).ConfigureAwait(false)
            : dispatcher.Cache?.Trial is { } trial
                ? await AnswerInTrial(trial, _cached, query, context, options?.User, cancellationToken)
                    .ConfigureAwait(false)
                : await AnswerCached(_cached, query, context, options?.User, cancellationToken).ConfigureAwait(false);
        var result = new QueryResult<TResult>(value, context.Freshness)
        {
            Reflects = context.Reflects,
            Source = context.Source,
        };
        try
        {
            if (dispatcher.HasAccessControl)
                result = await Filter(result, services, options, cancellationToken).ConfigureAwait(false);
        }
        catch (AccessDeniedException denied) when (denied.IsLikeMissing && options is { TakesJson: true })
        {
            if (dispatcher.Audit is { } audit)
                await RecordDenied(audit, denied, services, options).ConfigureAwait(false);
            return result with { Value = default! }; // As if the document did not exist; null as JSON.
        }
        if (dispatcher.Reads is { } reads)
        {
            var sender = SenderOf(options, services, out var isOfSystem);
            await reads
                .Answered(definition.Name, typeof(TResult), context.ReadTypes, sender, isOfSystem, cancellationToken)
                .ConfigureAwait(false);
        }
        return result;
    }

    private async ValueTask<TResult> AnswerInTrial(
        QueryTrial trial,
        CachedQuery<TQuery, TResult> cached,
        TQuery query,
        QueryContext context,
        ClaimsPrincipal? user,
        CancellationToken cancellationToken)
    {
        var askedAt = trial.GetTimestamp();
        var answer = trial.BypassesCache
            ? await definition.Handler(query, context, cancellationToken).ConfigureAwait(false)
            : await AnswerCached(cached, query, context, user, cancellationToken).ConfigureAwait(false);
        trial.Record(definition.Name, askedAt);
        return answer;
    }

    private ValueTask<TResult> AnswerCached(
        CachedQuery<TQuery, TResult> cached,
        TQuery query,
        QueryContext context,
        ClaimsPrincipal? user,
        CancellationToken cancellationToken)
    {
        if (!cached.IsPerUser)
            return cached.Answer(query, context, user: null, cancellationToken);
        return dispatcher.Users.UniqueIdOf(user, context.Services, out var hasNoUser) is { } id
            ? cached.Answer(query, context, id, cancellationToken)
            : cached.AnswerUnknownUser(query, context, hasNoUser, cancellationToken);
    }

    private AuditedSender SenderOf(AskOptions? options, IServiceProvider services, out bool isOfSystem)
    {
        var user = dispatcher.Users.AuditedIdOf(options?.User, services, out var hasNoUser);
        isOfSystem = hasNoUser && options?.Origin is null;
        return new AuditedSender(user, options?.Origin, CorrelationId: null);
    }

    /// <summary>Leaves out what the user may not see. Without a user, the query acts for the system.</summary>
    private static async ValueTask<QueryResult<TResult>> Filter(
        QueryResult<TResult> result,
        IServiceProvider services,
        AskOptions? options,
        CancellationToken cancellationToken)
    {
        var user = options?.User ?? services.GetRequiredService<RequestUserFinder>().Find(services);
        if (user is null)
            return result;
        var access = services.GetRequiredService<AccessControl>();
        var filtered = await access
            .Filter(user, result.Value, typeof(TResult), cancellationToken)
            .ConfigureAwait(false);
        return filtered is null ? result
            : options is { TakesJson: true } ? result with { Value = default!, Filtered = filtered } // JSON instead.
            : result with { Value = (TResult)access.ReadBack(filtered, typeof(TResult))! }; // Null as JSON.
    }
}
