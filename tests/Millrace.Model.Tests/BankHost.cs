using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Model.Tests;

/// <summary>A running application with the model of the bank. Its default storage is in memory.</summary>
public sealed class BankHost : IAsyncDisposable
{
    private readonly IHost _host;
    private string? _folder;

    private BankHost(IHost host, IStorage storage) => (_host, Storage) = (host, storage);

    public IStorage Storage { get; }

    public IServiceProvider Services => _host.Services;

    public EventStore Store => Services.GetRequiredService<EventStore>();

    public ICommandBus Commands => Services.GetRequiredService<ICommandBus>();

    public IQueryBus Queries => Services.GetRequiredService<IQueryBus>();

    public AggregateRepository Aggregates => Services.GetRequiredService<AggregateRepository>();

    public static async Task<BankHost> Start(
        Action<MillraceBuilder>? configure = null, IStorage? storage = null, TimeProvider? time = null)
    {
        storage ??= new InMemoryStorage(time);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.Services.AddMillrace(millrace =>
        {
            millrace.UseStorage(_ => storage).AddModel<Bank>();
            configure?.Invoke(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new BankHost(host, storage);
    }

    /// <summary>Starts an application on a new SQLite file. Disposing the host deletes the file.</summary>
    public static async Task<BankHost> StartOnSqlite(
        Action<MillraceBuilder>? configure = null, TimeProvider? time = null)
    {
        var folder = Directory.CreateTempSubdirectory("millrace-model-").FullName;
        var host = await Start(
            configure, new SqliteStorage(new SqliteOptions { Path = Path.Combine(folder, "bank.db") }, time), time);
        host._folder = folder;
        return host;
    }

    public async Task<Guid> Open(long balance = 0)
    {
        var account = Guid.CreateVersion7();
        await Commands.Send(new OpenAccount(account, "Ada"));
        if (balance > 0)
            await Commands.Send(new Deposit(account, balance));
        return account;
    }

    public async Task<long> BalanceOf(Guid account) => (await Aggregates.Load<Account, Guid>(account)).Balance;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }
}
