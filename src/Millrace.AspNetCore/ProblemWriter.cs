using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>Writes errors as ProblemDetails (RFC 9457) with the extra member <c>error</c>, their stable name.</summary>
internal static class ProblemWriter
{
    /// <summary>Logs what the caller is not told, or cannot change, and answers with the problem.</summary>
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
        var writer = new Utf8JsonWriter(response.BodyWriter);
        await using (writer.ConfigureAwait(false))
            WriteBody(writer, http, problem);
        await response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The address that says what a status means; <c>error</c> says what went wrong.</summary>
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
        if (problem.Problems.Count > 0)
            WriteMembers(writer, problem.Problems);
        writer.WriteString("traceId", Activity.Current?.Id ?? http.TraceIdentifier);
        writer.WriteEndObject();
    }

    /// <summary>What is wrong, by member: the form that ASP.NET Core's own validation has.</summary>
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
