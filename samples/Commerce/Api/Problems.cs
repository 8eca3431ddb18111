using System.Text.Json;
using Commerce.SharedKernel;
using Microsoft.AspNetCore.Diagnostics;

namespace Commerce.Api;

/// <summary>Turns errors into ProblemDetails, which carry the name of what went wrong as <c>error</c>.</summary>
public sealed class Problems(IProblemDetailsService details) : IExceptionHandler
{
    public static IResult NotFound(string kind, string id) => Results.Problem(
        statusCode: 404, title: "Not found", detail: $"There is no {kind} '{id}'.", extensions: Error($"{kind}-not-found"));

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (Describe(exception) is not var (status, error))
            return false;
        httpContext.Response.StatusCode = status;
        return await details.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = { Status = status, Title = TitleOf(status), Detail = exception.Message, Extensions = Error(error) },
        });
    }

    /// <summary>409 where the thing is in the wrong state or somebody else was faster, 422 where a rule of the domain says no.</summary>
    private static (int Status, string Error)? Describe(Exception exception) => exception switch
    {
        ValidationFailedException => (400, "invalid-request"),
        InvalidValueException => (400, "invalid-value"),
        BadHttpRequestException or JsonException or FormatException => (400, "invalid-request"),
        AggregateNotFoundException missing => (404, $"{missing.Aggregate.ToLowerInvariant()}-not-found"),
        AggregateExistsException existing => (409, $"{existing.Aggregate.ToLowerInvariant()}-exists"),
        ClaimTakenException taken => (409, $"{taken.Scope}-taken"),
        WrongStateException wrong => (409, wrong.Invariant),
        VersionConflictException => (409, "concurrency-conflict"),
        InvariantViolatedException violated => (422, violated.Invariant),
        StoreBusyException => (503, "busy"),
        _ => null,
    };

    private static string TitleOf(int status) => status switch
    {
        400 => "The request is not well formed",
        404 => "Not found",
        409 => "Not possible at the moment",
        422 => "Not allowed",
        _ => "Try again later",
    };

    private static Dictionary<string, object?> Error(string error) => new() { ["error"] = error };
}
