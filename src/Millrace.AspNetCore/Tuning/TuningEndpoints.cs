using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Tuning;

/// <summary>
/// The HTTP endpoints for tuning, in an application with one store. They return the last report, and start a run on the
/// answering node if the application allows decisions.
/// </summary>
internal sealed class TuningEndpoints(ILogger logger)
{
    private const int MaxNameCharacters = 256;

    private static readonly HttpProblem NoReport = new(
        404, "not-found", "No tuning run has started. Start one: POST /tune, or millrace tune.");

    private static readonly HttpProblem NoRun = new(404, "not-found", "No tuning run measures.");

    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(Tuner)))
            return;
        var endpoints = new TuningEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<TuningEndpoints>());
        routes.MapRead("/tune", Show, new(
            "Returns the report of the last tuning run: what batching, concurrency and caching gain.")
        {
            Answer = typeof(TuningReport),
        });
        routes.Decide(HttpMethods.Post, "/tune", endpoints.Start, new(
            "Starts a tuning run on the answering node, which changes settings for short intervals.")
        {
            Answer = typeof(TuningReport),
            Status = StatusCodes.Status202Accepted,
            Body = typeof(TuneRequest),
            Conflict = "Another run measures, or this node does not run the consumer.",
        });
        routes.Decide(HttpMethods.Delete, "/tune", endpoints.Cancel, new(
            "Requests that the running tuning run ends, on any node. Its report then has the state Interrupted.")
        {
            Status = StatusCodes.Status202Accepted,
        });
    }

    private static Tuner TunerOf(HttpContext http) => http.RequestServices.GetRequiredService<Tuner>();

    private static async Task Show(HttpContext http)
    {
        if (await TunerOf(http).FindReport(http.RequestAborted).ConfigureAwait(false) is { } report)
            await OperatorResponse.Write(http, report, OperatorJson.Default.TuningReport).ConfigureAwait(false);
        else
            await ProblemWriter.Write(http, NoReport).ConfigureAwait(false);
    }

    private async Task Cancel(HttpContext http)
    {
        OperatorLog.Asked(logger, http, "cancel tuning", "");
        if (await TunerOf(http).Cancel(OperatorRequest.Caller(http), http.RequestAborted).ConfigureAwait(false))
            http.Response.StatusCode = StatusCodes.Status202Accepted;
        else
            await ProblemWriter.Write(http, NoRun).ConfigureAwait(false);
    }

    private async Task Start(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var consumer = OperatorRequest.Text(body, "consumer");
        if (consumer is { Length: 0 or > MaxNameCharacters })
            throw OperatorRequest.BadMember("consumer", $"It must have from 1 to {MaxNameCharacters} characters.");
        var seconds = OperatorRequest.Number(
            body,
            "seconds",
            (long)Tuner.DefaultDuration.TotalSeconds,
            (long)Tuner.MinDuration.TotalSeconds,
            (long)Tuner.MaxDuration.TotalSeconds);
        OperatorLog.Asked(
            logger, http, string.Create(CultureInfo.InvariantCulture, $"tune for {seconds} s"), consumer ?? "");
        var report = await TunerOf(http)
            .Start(consumer, TimeSpan.FromSeconds(seconds), OperatorRequest.Caller(http), http.RequestAborted)
            .ConfigureAwait(false);
        await OperatorResponse
            .Write(http, report, OperatorJson.Default.TuningReport, StatusCodes.Status202Accepted)
            .ConfigureAwait(false);
    }
}
