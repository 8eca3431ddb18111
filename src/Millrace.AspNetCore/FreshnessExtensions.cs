using Microsoft.AspNetCore.Http;
using Millrace;
using Millrace.AspNetCore;
using Millrace.AspNetCore.Access;

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
                if (answer.Answer is { } value)
                {
                    var http = context.HttpContext;
                    http.Response.Headers[MillraceHeaders.Fresh] = answer.Freshness.ToString();
                    return await FilteredJson.Of(http, value, value.GetType()).ConfigureAwait(false) is { } filtered
                        ? new FilteredJsonResult(filtered)
                        : value;
                }
                await ProblemWriter
                    .Write(context.HttpContext, NotFoundMessage.Of(answer.Freshness))
                    .ConfigureAwait(false);
                return Results.Empty;
            }
        );
}
