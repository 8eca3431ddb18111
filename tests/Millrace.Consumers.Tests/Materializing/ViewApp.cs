using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Materializing;

namespace Millrace.Tests.Materializing;

/// <summary>A node of an application with materialized views of the harbour.</summary>
internal sealed class ViewApp : IAsyncDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(20);

    private readonly IHost _host;

    private ViewApp(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public MaterializedViews Views => _host.Services.GetRequiredService<MaterializedViews>();

    public ViewHost Host => _host.Services.GetRequiredService<ViewHost>();

    public IMaterializedView<string, Fleet> Fleets =>
        _host.Services.GetRequiredService<IMaterializedView<string, Fleet>>();

    public static async Task<ViewApp> Start(
        SharedStore shared,
        ViewDeclaration<string, Fleet> view,
        bool runsConsumers = true,
        TimeSpan? checkInterval = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => shared.Open())
            .AddModel(model => Harbour.Register(model).Projection(Harbour.Cargo()))
            .AddView(view, FleetJson.Default.Fleet)
            .ConfigureConsumers(options =>
            {
                TestNode.UseShortIntervals(options);
                options.IsEnabled = runsConsumers;
            }));
        var host = builder.Build();
        var views = host.Services.GetRequiredService<ViewHost>();
        (views.CheckInterval, views.MinPause) = (checkInterval ?? CheckInterval, MinPause);
        await host.StartAsync();
        return new ViewApp(host);
    }

    public async Task<ConsistencyToken> Load(string ship, int crates) =>
        (await Store.Append(Harbour.StreamOf(ship), ExpectedVersion.Any, [new Loaded(ship, crates)])).Token;

    /// <summary>Returns the names of the stored collections of views.</summary>
    public async Task<IReadOnlyList<string>> Collections()
    {
        var all = await Store.Storage.Documents.ListDefinitions(CancellationToken.None);
        return [.. all.Select(one => one.Name).Where(name => name.StartsWith("mv-", StringComparison.Ordinal))];
    }

    /// <summary>Returns the state of the first version of the view.</summary>
    public async Task<ViewRecord> State(int version = 1) =>
        (await new ViewStore(Store).List(CancellationToken.None)).Single(record => record.Version == version);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
