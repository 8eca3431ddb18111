using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>Writes errors as ProblemDetails (RFC 9457) with the extra member <c>error</c>, their stable name.</summary>
internal static class ProblemWriter
{
    // ASP.NET Core uses the same encoder. A browser does not interpret the JSON as HTML because of the content type, so
    // that quotation marks need no escapes.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes the problem. Logs errors that the caller cannot fix and details that the response does not contain.
    /// </summary>
    public static Task Write(HttpContext http, HttpProblem problem, Exception exception)
    {
        ProblemLog.Note(http, problem, exception);
        return Write(http, problem);
    }

    public static async Task Write(HttpContext http, HttpProblem problem)
    {
        var response = http.Response;
        response.Clear();
        response.StatusCode = problem.Status;
        response.ContentType = "application/problem+json";
        if (problem.RetryAfterSeconds > 0)
            response.Headers.RetryAfter = problem.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        var writer = new Utf8JsonWriter(response.BodyWriter, Options);
        await using (writer.ConfigureAwait(false))
            WriteBody(writer, http, problem);
        await response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the URL that explains a status. The member <c>error</c> contains the name of the error.
    /// </summary>
    public static string TypeOf(int status) => $"https://httpstatuses.io/{status}";

    private static void WriteBody(Utf8JsonWriter writer, HttpContext http, HttpProblem problem)
    {
        writer.WriteStartObject();
        writer.WriteString("type", TypeOf(problem.Status));
        writer.WriteString("title", problem.Title);
        writer.WriteNumber("status", problem.Status);
        writer.WriteString("detail", problem.Detail);
        writer.WriteString("instance", http.Request.Path.Value);
        writer.WriteString("error", problem.Error);
        if (problem.Permission is not null)
            writer.WriteString("permission", problem.Permission);
        if (problem.Problems.Count > 0)
            WriteMembers(writer, problem.Problems);
        writer.WriteString("traceId", Activity.Current?.Id ?? http.TraceIdentifier);
        writer.WriteEndObject();
    }

    /// <summary>Writes the problems by member, in the format of ASP.NET Core's own validation.</summary>
    private static void WriteMembers(Utf8JsonWriter writer, IReadOnlyList<ValidationProblem> problems)
    {
        writer.WriteStartObject("errors");
        foreach (var member in problems.GroupBy(problem => problem.Member, StringComparer.Ordinal))
        {
            writer.WriteStartArray(member.Key);
            foreach (var problem in member)
                writer.WriteStringValue(problem.Message);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }
}
