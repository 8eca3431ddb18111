using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Telemetry.Tests;

/// <summary>A web application with telemetry, on a free port.</summary>
internal sealed class BookshopApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BookshopApp(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Client { get; }

    /// <summary>Gets the host and the port.</summary>
    public string Target => Client.BaseAddress!.Authority;

    public IServiceProvider Services => _app.Services;

    public static async Task<BookshopApp> Start(
        string service,
        Dictionary<string, string?>? settings = null,
        Action<MillraceBuilder>? configure = null,
        Action<MillraceTelemetryOptions>? telemetry = null,
        ILoggerProvider? logs = null,
        Action<WebApplicationBuilder>? build = null,
        int? metricsPort = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders();
        if (logs is not null)
            builder.Logging.AddProvider(logs);
        build?.Invoke(builder);
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseInMemory()
                .AddModel<Bookshop>()
                .ConfigureConsumers(consumers => consumers.ReadTimeout = TimeSpan.FromSeconds(60));
            configure?.Invoke(millrace);
        });
        builder.AddMillraceWebTelemetry(options =>
        {
            options.ServiceName = service;
            telemetry?.Invoke(options);
        });
        builder.Services.AddMillraceProblemDetails();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        if (metricsPort is not null)
            app.Urls.Add($"http://127.0.0.1:{metricsPort}");
        app.UseMillraceProblemDetails();
        app.MapCommand<PlaceOrder>("/orders");
        app.MapQuery<GetBill>("/bills/{order}");
        app.MapMillraceMetrics(port: metricsPort);
        await app.StartAsync();
        return new BookshopApp(app);
    }

    public async Task Place(string order, int total = 10)
    {
        using var response = await Client.PostAsJsonAsync("/orders", new { order, total });
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Places an order, and waits until the process has confirmed it.</summary>
    public async Task PlaceAndConfirm(string order)
    {
        await Place(order);
        var store = Services.GetRequiredService<EventStore>();
        await Eventually.Get(
            async () => await store.ReadStream(StreamId.For("order", order)).CountAsync(), events => events == 2);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
