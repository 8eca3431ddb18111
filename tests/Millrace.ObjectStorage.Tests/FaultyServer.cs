using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Millrace.ObjectStorage.Tests;

/// <summary>A server that passes requests on to another one, unless a fault is planned.</summary>
internal sealed class FaultyServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly ConcurrentQueue<Fault> _planned = new();
    private readonly Uri _target;
    private int _requests;

    private FaultyServer(Uri target)
    {
        _target = target;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _application.Run(Answer);
    }

    /// <summary>Gets the port.</summary>
    public int Port => new Uri(_application.Urls.First()).Port;

    /// <summary>Gets the number of requests so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static async Task<FaultyServer> Start(Uri target)
    {
        var server = new FaultyServer(target);
        await server._application.StartAsync();
        return server;
    }

    /// <summary>Plans faults for the next requests.</summary>
    public void Plan(params Fault[] faults)
    {
        foreach (var fault in faults)
            _planned.Enqueue(fault);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _client.Dispose();
    }

    private async Task Answer(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        _planned.TryDequeue(out var fault);
        try
        {
            if (fault is null or { IsTruncated: true })
                await PassOn(context, fault is not null);
            else if (fault.Status == 0)
                await Task.Delay(Timeout.Infinite, context.RequestAborted); // The client gives up.
            else
                await Write(context, fault);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    private static async Task Write(HttpContext context, Fault fault)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.StatusCode = fault.Status;
        context.Response.ContentType = "application/xml";
        context.Response.Headers["x-ms-error-code"] = fault.Code; // Where Azure has the code.
        var body = fault.Body ?? $"<Error><Code>{fault.Code}</Code><Message>Planned.</Message></Error>";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body), context.RequestAborted);
    }

    private async Task PassOn(HttpContext context, bool isTruncated)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var path = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_target, path));
        request.Content = new ByteArrayContent(body.ToArray());
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        }
        using var answer = await _client.SendAsync(request, context.RequestAborted);
        var content = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
            context.Response.Headers[name] = values.ToArray();
        context.Response.Headers.Remove("Transfer-Encoding");
        if (answer.StatusCode != HttpStatusCode.NoContent && context.Request.Method != "HEAD")
            context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(
            content.AsMemory(0, isTruncated ? content.Length / 2 : content.Length), context.RequestAborted);
        if (!isTruncated)
            return;
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }
}
