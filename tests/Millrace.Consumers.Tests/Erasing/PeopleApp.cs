using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Protection;

namespace Millrace.Tests.Erasing;

/// <summary>A running application whose people can be erased. Several nodes can share a storage and keys.</summary>
internal sealed class PeopleApp : IAsyncDisposable
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private readonly IHost _host;

    private PeopleApp(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public EventStore Store => Services.GetRequiredService<EventStore>();

    public Erasures Erasures => Services.GetRequiredService<Erasures>();

    public static string PublicKey => Key.ExportSubjectPublicKeyInfoPem();

    public static async Task<PeopleApp> Start(
        Action<MillraceBuilder> storage, PeopleKeys keys, Action<ErasureOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            storage(millrace);
            Add(millrace.AddModel(People.Register).ConfigureConsumers(TestNode.UseShortIntervals), keys, configure);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new PeopleApp(host);
    }

    public static void Add(MillraceBuilder millrace, PeopleKeys keys, Action<ErasureOptions>? configure = null) =>
        millrace
            .UseKeys(_ => keys.Store, options => options.MasterKey = keys.Master)
            .AddErasures(options =>
            {
                options.PrivateKeyPem = Key.ExportPkcs8PrivateKeyPem();
                options.SettleTime = TimeSpan.Zero;
                configure?.Invoke(options);
            });

    public Task<AppendResult> Register(int person, string name) =>
        Store.Append(
            new StreamId($"person-{person}"),
            ExpectedVersion.Any,
            [new PersonRegistered(name, $"{name}@example.org", 40)]);

    /// <summary>Appends an event of the first schema version.</summary>
    public Task<AppendResult> RegisterOld(int person, string name) =>
        Store.Append(
            new StreamId($"person-{person}"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("person.registered", Encoding.UTF8.GetBytes($$"""{"fullName":"{{name}}"}"""))]);

    public async Task Move(int person, string city)
    {
        await using var scope = Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ICommandBus>().Send(new MovePerson(person, city));
    }

    public ValueTask<Person> Load(int person) =>
        Services.GetRequiredService<AggregateRepository>().Load<Person, int>(person);

    public async Task<PersonDocument?> Document(int person)
    {
        var token = await Store.GetToken();
        await using var scope = Services.CreateAsyncScope();
        var found = await scope.ServiceProvider.GetRequiredService<IReadModel<string, PersonDocument>>()
            .Get(person.ToString(System.Globalization.CultureInfo.InvariantCulture), (ConsistencyToken?)token);
        return found.Value;
    }

    public static async Task<ErasureInfo> Erase(Erasures erasures, string id, int person)
    {
        await erasures.Request(new ErasureRequest(id, $"person-{person}", "asked by letter", "officer"));
        await erasures.Approve(id, "lawyer");
        return await erasures.CarryOut(id);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

/// <summary>A key store in memory that several nodes use.</summary>
internal sealed class PeopleKeys
{
    public IKeyStore Store { get; init; } = new InMemoryKeyStore();

    public InMemoryMasterKey Master { get; } = new();
}
