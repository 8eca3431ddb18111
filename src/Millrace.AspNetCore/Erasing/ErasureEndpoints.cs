using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Erasing;

/// <summary>
/// The HTTP endpoints for erasures and legal holds, if the application has added erasures. If it allows decisions,
/// operators can also request and approve erasures, hold and release subjects, and export the data of a subject.
/// </summary>
internal sealed class ErasureEndpoints(ILogger logger)
{
    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(Erasures)))
            return;
        var erasures = new ErasureEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<ErasureEndpoints>());
        routes.MapRead(
            "/erasures", List, new("Lists erasures, by id.") { Answer = typeof(IReadOnlyList<ErasureView>) });
        routes.MapRead(
            "/erasures/{id}", Show, new("Returns an erasure with its steps.") { Answer = typeof(ErasureView) });
        routes.MapRead(
            "/erasures/{id}/certificate",
            Certificate,
            new("Returns the signed file of the certificate, which millrace certificate verify reads."));
        routes.MapRead(
            "/legal-holds",
            ListHolds,
            new("Lists the active legal holds.") { Answer = typeof(IReadOnlyList<LegalHold>) });
        erasures.MapDecisions(routes);
    }

    private static Erasures ErasuresOf(HttpContext http) => http.RequestServices.GetRequiredService<Erasures>();

    private static async Task List(HttpContext http)
    {
        var all = await ErasuresOf(http).List(http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, [.. all.Select(ErasureView.Of)], OperatorJson.Default.IReadOnlyListErasureView)
            .ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http) =>
        await Write(http, await Find(http).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task Certificate(HttpContext http)
    {
        var erasure = await Find(http).ConfigureAwait(false);
        var certificate = erasure.Certificate
            ?? throw new ErasureRefusedException(erasure.Request.Id, "it has no certificate yet.");
        await WriteFile(http, "application/json; charset=utf-8", Encoding.UTF8.GetBytes(certificate.ToFile() + "\n"))
            .ConfigureAwait(false);
    }

    private static async Task ListHolds(HttpContext http)
    {
        var holds = await ErasuresOf(http).ListHolds(http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse.Write(http, holds, OperatorJson.Default.IReadOnlyListLegalHold).ConfigureAwait(false);
    }

    private static async Task<ErasureInfo> Find(HttpContext http)
    {
        var id = OperatorRequest.Name(http, "id");
        return await ErasuresOf(http).Find(id, http.RequestAborted).ConfigureAwait(false)
            ?? throw new ErasureNotFoundException(id);
    }

    private static Task Write(HttpContext http, ErasureInfo erasure) =>
        OperatorResponse.Write(http, ErasureView.Of(erasure), OperatorJson.Default.ErasureView);

    private static async Task WriteFile(HttpContext http, string type, ReadOnlyMemory<byte> bytes)
    {
        http.Response.ContentType = type;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        await http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted).ConfigureAwait(false);
    }

    private void MapDecisions(OperatorRoutes routes)
    {
        routes.Decide(
            HttpMethods.Post,
            "/erasures",
            Request,
            new("Requests an erasure, and counts the data that it finds. It must be approved.")
            {
                Answer = typeof(ErasureView),
                Body = typeof(RequestErasureRequest),
                Conflict = "The id was used for another request.",
            });
        routes.Decide(
            HttpMethods.Post,
            "/erasures/{id}/approve",
            Approve,
            new("Approves an erasure and carries it out; a repeated call continues an interrupted erasure.")
            {
                Answer = typeof(ErasureView),
                Conflict = "The request was refused.",
            });
        routes.Decide(
            HttpMethods.Post,
            "/erasures/{id}/stop",
            Stop,
            new("Stops an erasure that cannot be completed. What it has erased is not restored; data can remain.")
            {
                Answer = typeof(ErasureView),
                Body = typeof(StopRequest),
                Conflict = "The erasure has a certificate.",
            });
        routes.Decide(
            HttpMethods.Post,
            "/legal-holds",
            Hold,
            new("Places a legal hold on a subject, which prevents its erasure.")
            {
                Answer = typeof(LegalHold),
                Body = typeof(LegalHoldRequest),
                Conflict = "An erasure of the subject has started.",
            });
        routes.Decide(
            HttpMethods.Post,
            "/legal-holds/release",
            Release,
            new("Releases all legal holds on a subject.") { Status = 204, Body = typeof(LegalHoldRequest) });
        routes.Decide(
            HttpMethods.Post,
            "/subjects/{subject}/export",
            Export,
            new("Exports all data of a subject as JSON, or as a page with format=html.")
            {
                Query = [new("format", typeof(string), "html for a page; JSON by default.")],
            });
    }

    private async Task Request(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var request = new ErasureRequest(
            OperatorRequest.Required(body, "id"),
            OperatorRequest.Required(body, "subject"),
            OperatorRequest.Required(body, "reason"),
            OperatorRequest.Caller(http))
        {
            Kinds = OperatorRequest.Texts(body, "kinds"),
            RequestedAt = OperatorRequest.ReadOptionalTime(body, "requestedAt"),
        };
        OperatorLog.Asked(logger, http, "request the erasure", request.Id);
        await Write(http, await ErasuresOf(http).Request(request, http.RequestAborted).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private async Task Approve(HttpContext http)
    {
        var id = OperatorRequest.Name(http, "id");
        var erasures = ErasuresOf(http);
        OperatorLog.Asked(logger, http, "approve the erasure", id);
        await erasures.Approve(id, OperatorRequest.Caller(http), http.RequestAborted).ConfigureAwait(false);
        // An erasure that has started is not interrupted because the client disconnects.
        await Write(http, await erasures.CarryOut(id, CancellationToken.None).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private async Task Stop(HttpContext http)
    {
        var id = OperatorRequest.Name(http, "id");
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var reason = OperatorRequest.Required(body, "reason");
        OperatorLog.Asked(logger, http, "stop the erasure", id);
        var stopped = await ErasuresOf(http).Stop(id, OperatorRequest.Caller(http), reason, http.RequestAborted)
            .ConfigureAwait(false);
        await Write(http, stopped).ConfigureAwait(false);
    }

    private async Task Hold(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var subject = OperatorRequest.Required(body, "subject");
        var reason = OperatorRequest.Required(body, "reason");
        var until = OperatorRequest.ReadOptionalTime(body, "until");
        OperatorLog.Asked(logger, http, "hold the subject", subject);
        var hold = await ErasuresOf(http)
            .Hold(subject, reason, OperatorRequest.Caller(http), until, http.RequestAborted)
            .ConfigureAwait(false);
        await OperatorResponse.Write(http, hold, OperatorJson.Default.LegalHold).ConfigureAwait(false);
    }

    private async Task Release(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var subject = OperatorRequest.Required(body, "subject");
        OperatorLog.Asked(logger, http, "release the subject", subject);
        await ErasuresOf(http)
            .Release(
                subject, OperatorRequest.Required(body, "reason"), OperatorRequest.Caller(http), http.RequestAborted)
            .ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task Export(HttpContext http)
    {
        var subject = OperatorRequest.Name(http, "subject");
        OperatorLog.Asked(logger, http, "export the data of the subject", subject);
        var export = await ErasuresOf(http).Export(subject, http.RequestAborted).ConfigureAwait(false);
        await (OperatorRequest.Query(http, "format") == "html"
            ? WriteFile(http, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(export.Html))
            : WriteFile(http, "application/json; charset=utf-8", export.Json)).ConfigureAwait(false);
    }
}
