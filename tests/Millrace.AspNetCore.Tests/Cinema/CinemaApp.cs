using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.AspNetCore.Tests.Cinema;

/// <summary>
/// An application with the generated model on a free port. All tests of a class share the application.
/// </summary>
public sealed class CinemaApp : IAsyncLifetime, IDisposable
{
    private WebApplication? _app;

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<CinemaModel>());
        builder.Services.AddMillraceProblemDetails();
        builder.Services.AddOpenApi();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseMillraceProblemDetails();
        _app.MapOpenApi();
        _app.MapCommand<BookSeats>("/films/{film}/seats");
        _app.MapQuery<ListFilms>("/films");
        _app.MapGet("/own/films", () => Results.Ok()).Produces<IReadOnlyList<FilmView>>();
        _app.MapGet("/own/seat", () => Results.Ok()).Produces<Halls.Seat>().WithTags("Mine");
        await _app.StartAsync();
        Client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    public void Dispose() => Client.Dispose();

    public async Task<JsonElement> Document() => await (await Client.GetAsync("/openapi/v1.json")).Json();
}
