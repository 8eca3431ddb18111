using Microsoft.Extensions.Options;
using Millrace.Testing;

namespace Millrace.Etcd.Tests;

/// <summary>Runs the conformance checks of the registry on a real etcd with two nodes.</summary>
public sealed class EtcdRegistryTests(EtcdServerFixture own)
    : RegistryConformance, IClassFixture<EtcdServerFixture>, IDisposable
{
    private readonly List<EtcdRegistry> _registries = [];

    public static TheoryData<string> CheckNames => new(Checks);

    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Long, because tests share the processor.

    [EtcdTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    [EtcdFact]
    public async Task An_etcd_outage_keeps_the_last_state_and_recovers()
    {
        var (registry, otherRegistry) = (New(), New());
        await using var registrar = await ServiceRegistrar.Register(
            registry, new ServiceInstance("a", "away", "127.0.0.1", 8080), TimeSpan.FromSeconds(10));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await using var watch = otherRegistry.Watch("away", limit.Token).GetAsyncEnumerator(limit.Token);
        var picker = new ServicePicker(otherRegistry);
        Assert.True(await watch.MoveNextAsync());
        using (await picker.Pick("away"))
        {
        }

        await own.Server.Crash();
        var failure = await Assert.ThrowsAsync<EtcdUnavailableException>(() => otherRegistry.Find("away").AsTask());
        using (var pick = await picker.Pick("away"))
            Assert.Equal("a", pick.Instance.Id);
        await own.Server.Restart();
        var second = new ServiceInstance("b", "away", "127.0.0.1", 8081);
        await otherRegistry.Register(second, TimeSpan.FromMinutes(1));
        while (watch.Current.Count < 2)
            Assert.True(await watch.MoveNextAsync());

        Assert.True(failure.IsTransient);
        Assert.Equal(["a", "b"], watch.Current.Select(instance => instance.Id));
    }

    [EtcdFact]
    public async Task Values_of_other_programs_under_the_prefix_are_ignored()
    {
        using var http = new HttpClient();
        using var body = new StringContent(
            $$"""{"key": "{{Convert.ToBase64String("millrace/services/odd/x"u8)}}", "value": "{{Convert.ToBase64String("hello"u8)}}"}""");
        (await http.PostAsync(new Uri($"{own.Server.Address}/v3/kv/put"), body)).EnsureSuccessStatusCode();

        Assert.Empty(await New().Find("odd"));
    }

    [Fact]
    public void All_invalid_options_are_reported()
    {
        var refused = Assert.Throws<OptionsValidationException>(() => new EtcdRegistry(
            new EtcdOptions { Address = "etcd", KeyPrefix = "", AnswerTimeout = TimeSpan.Zero }, TimeProvider.System));

        Assert.Equal(3, refused.Failures.Count());
    }

    public void Dispose()
    {
        foreach (var registry in _registries)
            registry.Dispose();
    }

    protected override ValueTask<IServiceRegistry> Create(CancellationToken cancellationToken) => new(New());

    private EtcdRegistry New()
    {
        var registry = new EtcdRegistry(
            new EtcdOptions { Address = own.Server.Address, AnswerTimeout = TimeSpan.FromSeconds(20) },
            TimeProvider.System);
        _registries.Add(registry);
        return registry;
    }
}
