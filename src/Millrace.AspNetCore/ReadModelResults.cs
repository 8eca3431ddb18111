using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Auditing;

namespace Millrace.AspNetCore;

/// <summary>Converts results of read models to HTTP responses, and their errors to ProblemDetails.</summary>
public static class ReadModelResults
{
    /// <summary>
    /// Returns the document as JSON, or 404 if the document does not exist. The header <c>Millrace-Fresh</c> reports
    /// whether the document reflects the token of the request.
    /// </summary>
    public static async Task<IResult> ToResult<T>(this ValueTask<ReadResult<T>> read)
    {
        try
        {
            var result = await read.ConfigureAwait(false);
            return new Answer<T>(result.Value, result.Freshness);
        }
        catch (Exception exception) when (HttpProblem.IsAnswerable(exception, out var problem))
        {
            return new RefusedReadModelResult(problem);
        }
    }

    /// <summary>
    /// Returns the documents of the page as a JSON array. The header <c>Millrace-Next</c> has the cursor of the next
    /// page, if there is one. The header <c>Millrace-Fresh</c> reports whether they reflect the token of the request.
    /// </summary>
    public static async Task<IResult> ToResult<T>(this ValueTask<ReadPage<T>> read)
    {
        try
        {
            var page = await read.ConfigureAwait(false);
            return new Answer<IReadOnlyList<T>>(page.Items, page.Freshness)
            {
                Next = page.Next,
                IsPage = true,
                Filter = async http =>
                {
                    await FilteredJson.DemandMembers(http, typeof(T), page.Members).ConfigureAwait(false);
                    return await FilteredJson.OfList(http, page.Items, JsonOf(typeof(T), http.RequestServices))
                        .ConfigureAwait(false);
                },
            };
        }
        catch (Exception exception) when (HttpProblem.IsAnswerable(exception, out var problem))
        {
            return new RefusedReadModelResult(problem);
        }
    }

    /// <summary>
    /// Returns the JSON metadata of a type from the model or, if the model has none, from the application.
    /// </summary>
    private static JsonTypeInfo JsonOf(Type type, IServiceProvider services) =>
        services.GetRequiredService<ModelCatalog>().Json.TryGetTypeInfo(type, out var found)
            ? found
            : services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions.GetTypeInfo(type);

    /// <summary>The answer; a response 404 for the value null and for a document that the user may not view.</summary>
    private sealed class Answer<T>(T? value, Freshness freshness) : IResult
    {
        public string? Next { get; init; }

        public bool IsPage { get; init; }

        /// <summary>Gets the function that leaves out what the user may not see.</summary>
        public Func<HttpContext, ValueTask<JsonNode?>> Filter { get; init; } =
            http => FilteredJson.Of(http, value, typeof(T));

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            JsonNode? filtered;
            try
            {
                filtered = await Filter(httpContext).ConfigureAwait(false);
            }
            catch (AccessDeniedException denied) when (denied.IsLikeMissing && !IsPage)
            {
                await new NotFoundReadModelResult(freshness).ExecuteAsync(httpContext).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (HttpProblem.CanAnswer(httpContext, exception, out var problem))
            {
                await ProblemWriter.Write(httpContext, problem, exception).ConfigureAwait(false);
                return;
            }
            if (value is null)
            {
                await new NotFoundReadModelResult(freshness).ExecuteAsync(httpContext).ConfigureAwait(false);
                return;
            }
            try
            {
                await DocumentAudit.Record(httpContext, typeof(T)).ConfigureAwait(false);
            }
            catch (Exception exception) when (HttpProblem.CanAnswer(httpContext, exception, out var problem))
            {
                await ProblemWriter.Write(httpContext, problem, exception).ConfigureAwait(false);
                return;
            }
            httpContext.Response.Headers[MillraceHeaders.Fresh] = freshness.ToString();
            if (Next is not null)
                httpContext.Response.Headers[MillraceHeaders.Next] = Next;
            if (filtered is not null)
            {
                await FilteredJson.Write(httpContext, filtered).ConfigureAwait(false);
                return;
            }
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            var json = JsonOf(typeof(T), httpContext.RequestServices);
            await JsonSerializer
                .SerializeAsync(httpContext.Response.Body, value, json, httpContext.RequestAborted)
                .ConfigureAwait(false);
        }
    }

    private sealed class RefusedReadModelResult(HttpProblem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => ProblemWriter.Write(httpContext, problem);
    }

    private sealed class NotFoundReadModelResult(Freshness freshness) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.OnStarting(() =>
            {
                httpContext.Response.Headers[MillraceHeaders.Fresh] = freshness.ToString();
                return Task.CompletedTask;
            });
            await ProblemWriter.Write(httpContext, NotFoundMessage.Of(freshness)).ConfigureAwait(false);
        }
    }
}
