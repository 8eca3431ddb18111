using Microsoft.AspNetCore.Http;
using Millrace;
using Millrace.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Lets endpoints of an application's own answer with what a read model gave.</summary>
public static class FreshnessExtensions
{
    /// <summary>
    /// Has an endpoint that returns a <see cref="ReadResult{T}"/> or a <see cref="QueryResult{TResult}"/> answer with
    /// its value alone, say in the header <c>Millrace-Fresh</c> whether it is fresh, and answer 404 when there is none.
    /// </summary>
    public static TBuilder WithFreshness<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(
            async (context, next) =>
            {
                if (await next(context).ConfigureAwait(false) is not IFreshAnswer answer)
                    throw new InvalidOperationException(
                        "An endpoint with WithFreshness returns a ReadResult or a QueryResult.");
                if (answer.Answer is { } value)
                {
                    context.HttpContext.Response.Headers[MillraceHeaders.Fresh] = answer.Freshness.ToString();
                    return value;
                }
                await ProblemWriter
                    .Write(context.HttpContext, NotFoundMessage.Of(answer.Freshness))
                    .ConfigureAwait(false);
                return Results.Empty;
            }
        );
}
