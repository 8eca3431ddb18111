using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>The library application on a free port, with a client.</summary>
public sealed class LibraryApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LibraryApp(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public EventStore Store => _app.Services.GetRequiredService<EventStore>();

    public Consumers Consumers => _app.Services.GetRequiredService<Consumers>();

    public static async Task<LibraryApp> Start(
        Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null, bool mapsHealth = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace =>
            millrace
                .UseInMemory()
                .AddModel<Library>()
                .ConfigureConsumers(consumers => consumers.ReadTimeout = TimeSpan.FromSeconds(60))
        ); // The timeout is long, because the machine may be busy.
        builder.Services.AddMillraceProblemDetails();
        builder.Services.AddOpenApi();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseMillraceProblemDetails();
        app.MapOpenApi();
        if (mapsHealth)
            app.MapMillrace();
        app.MapCommand<AddBook>("/books", options =>
        {
            options.Location = (command, _) => $"/books/{command.Book}";
        });
        app.MapCommand<LendBook>("/books/{book}/loans");
        app.MapDeleteCommand<DropBook>("/books/{book}");
        app.MapCommand<Overload>("/overload");
        app.MapQuery<FindBook>("/books/{book}");
        app.MapQuery<CountLoans>("/readers/{reader}/loans");
        map?.Invoke(app);
        await app.StartAsync();
        return new LibraryApp(app);
    }

    public async Task<Guid> Add(int copies = 1)
    {
        var book = Guid.CreateVersion7();
        var response = await Client.PostAsJsonAsync("/books", new { book, title = "Emma", copies, shelf = 1 });
        response.EnsureSuccessStatusCode();
        return book;
    }

    /// <summary>Pauses a consumer, and waits until the consumer has completed its current work.</summary>
    public async Task Pause(string consumer)
    {
        await Consumers.Pause(consumer);
        await Eventually.Get(Consumers, consumer, status => status.State == ConsumerState.Paused);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

public static class Responses
{
    public static async Task<JsonElement> Json(this HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync());

    public static async Task<(int Status, string? Error)> Problem(this HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return ((int)response.StatusCode, (await response.Json()).GetProperty("error").GetString());
    }

    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
