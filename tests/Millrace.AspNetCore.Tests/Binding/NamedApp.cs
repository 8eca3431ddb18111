using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

#pragma warning disable MILL0056 // The model registers its handler manually.
namespace Millrace.AspNetCore.Tests.Binding;

/// <summary>A command that names a thing and returns its id. Each thing has its own stream.</summary>
public sealed record NameThing(string Id, string Name) : ICommand<string>;

/// <summary>An application that maps one command to several routes.</summary>
public sealed class NamedApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private NamedApp(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Client { get; }

    public static async Task<NamedApp> Start(Action<WebApplication>? first = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<NamedModel>());
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        first?.Invoke(app);
        app.MapCommand<NameThing>("/things/{id}/name");
        app.MapCommand<NameThing>("/things/name").WithName("name-thing-anywhere");
        app.MapCommand<NameThing>("/all/{**id}").WithName("name-thing-by-rest");
        app.MapCommand<NameThing>("/parts/x-{id}.{version}").WithName("name-thing-by-part");
        await app.StartAsync();
        return new NamedApp(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class NamedModel : IModel
    {
        public static void Register(ModelBuilder model) => model
            .Command(new CommandDefinition<NameThing, string>("name-thing", (command, _, _) => new(command.Id)))
            .Json(new DefaultJsonTypeInfoResolver());
    }
}
