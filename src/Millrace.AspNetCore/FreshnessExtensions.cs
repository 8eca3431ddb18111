using Microsoft.AspNetCore.Http;
using Millrace;
using Millrace.AspNetCore;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Auditing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Lets an application's own endpoints return the result of a read model.</summary>
public static class FreshnessExtensions
{
    /// <summary>
    /// Converts a <see cref="ReadResult{T}"/> or a <see cref="QueryResult{TResult}"/> that an endpoint returns. The
    /// response has the value alone, or is 404 without one. The header <c>Millrace-Fresh</c> reports whether it is
    /// fresh.
    /// </summary>
    public static TBuilder WithFreshness<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(
            async (context, next) =>
            {
                if (await next(context).ConfigureAwait(false) is not IFreshAnswer answer)
                    throw new InvalidOperationException(
                        "An endpoint with WithFreshness must return a ReadResult or a QueryResult.");
                var http = context.HttpContext;
                try
                {
                    if (answer.Answer is { } value)
                    {
                        var filtered = await FilteredJson.Of(http, value, value.GetType()).ConfigureAwait(false);
                        // The bus has recorded queries.
                        if (answer.GetType().GetGenericTypeDefinition() == typeof(ReadResult<>))
                            await DocumentAudit.Record(http, value.GetType()).ConfigureAwait(false);
                        http.Response.Headers[MillraceHeaders.Fresh] = answer.Freshness.ToString();
                        return filtered is null ? value : new FilteredJsonResult(filtered);
                    }
                    if (answer.GetType().GenericTypeArguments is [var type]) // Only the permission is checked.
                        await FilteredJson.Of(http, null, type).ConfigureAwait(false);
                }
                catch (AccessDeniedException denied) when (denied.IsLikeMissing)
                {
                    // As if the document did not exist.
                }
                catch (Exception exception) when (HttpProblem.CanAnswer(http, exception, out var problem))
                {
                    await ProblemWriter.Write(http, problem, exception).ConfigureAwait(false);
                    return Results.Empty;
                }
                await ProblemWriter
                    .Write(context.HttpContext, NotFoundMessage.Of(answer.Freshness))
                    .ConfigureAwait(false);
                return Results.Empty;
            }
        );
}
