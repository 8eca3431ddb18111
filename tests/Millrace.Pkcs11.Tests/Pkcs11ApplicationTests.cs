using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using System.Text;

namespace Millrace.Pkcs11.Tests;

/// <summary>Tests an application whose data keys are wrapped in a token.</summary>
[Collection(nameof(TokenDirectory))]
public sealed class Pkcs11ApplicationTests(TokenDirectory tokens) : IDisposable
{
    private const string Passphrase = "correct horse battery";
    private const string Stored = """{"email":"ada@example.org"}""";

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [SoftHsmFact]
    public async Task Keys_are_wrapped_again_from_a_passphrase_to_a_token_and_back()
    {
        var options = TokenDirectory.Options(tokens.CreateKey());
        await Run(keys => keys.Passphrase = Passphrase, node => Append(node, "customer-1"));
        await Run(
            keys =>
            {
                keys.UsePkcs11(null, pkcs11 => Copy(options, pkcs11));
                keys.FormerPassphrases.Add(Passphrase);
            },
            async node =>
            {
                Assert.Equal(Stored, await Read(node, "customer-1"));
                Assert.Equal(1, await node.GetRequiredService<DataKeys>().RewrapAll());
                await Append(node, "customer-2");
            });
        await Run(keys => keys.UsePkcs11(null, pkcs11 => Copy(options, pkcs11)), AssertBoth);
        await Assert.ThrowsAsync<KeyStoreException>(() => Run(keys => keys.Passphrase = Passphrase, AssertBoth));
        await Run(
            keys =>
            {
                keys.Passphrase = Passphrase;
                keys.FormerMasterKeys.Add(new Pkcs11MasterKey(options));
            },
            async node =>
            {
                await AssertBoth(node);
                Assert.Equal(2, await node.GetRequiredService<DataKeys>().RewrapAll());
            });

        await Run(keys => keys.Passphrase = Passphrase, AssertBoth);
    }

    [SoftHsmFact]
    public async Task Keys_are_wrapped_again_with_another_key_of_the_token()
    {
        var former = TokenDirectory.Options(tokens.CreateKey());
        var current = TokenDirectory.Options(tokens.CreateKey());
        await Run(keys => keys.MasterKey = new Pkcs11MasterKey(former), node => Append(node, "customer-1"));
        await Run(
            keys =>
            {
                keys.MasterKey = new Pkcs11MasterKey(current);
                keys.FormerMasterKeys.Add(new Pkcs11MasterKey(former));
            },
            async node => Assert.Equal(1, await node.GetRequiredService<DataKeys>().RewrapAll()));
        tokens.DestroyKey(former.KeyLabel);

        await Run(
            keys => keys.MasterKey = new Pkcs11MasterKey(current),
            async node => Assert.Equal(Stored, await Read(node, "customer-1")));
    }

    [SoftHsmFact]
    public async Task The_configuration_overrides_the_code()
    {
        var label = tokens.CreateKey();
        var configuration = Configuration(
            ("ModulePath", TokenDirectory.Module), ("TokenLabel", "shop"), ("KeyLabel", label),
            ("Pin", TokenDirectory.Pin), ("CallTimeout", "00:00:20"));

        await Run(
            keys => keys.UsePkcs11(configuration, pkcs11 => pkcs11.KeyLabel = "ignored"),
            node => Append(node, "customer-1"));
    }

    [Fact]
    public void Wrong_settings_are_refused()
    {
        var misspelled = Assert.Throws<OptionsValidationException>(
            () => new KeyOptions().UsePkcs11(Configuration(("TokenLable", "shop"))));
        var missing = Assert.Throws<ArgumentException>(() => new KeyOptions().UsePkcs11(null));
        var both = Assert.Throws<ArgumentException>(() => new KeyOptions().UsePkcs11(
            Configuration(
                ("TokenLabel", "shop"), ("SlotId", "7"), ("CallTimeout", "00:10:00"), ("ModulePath", "x"),
                ("Pin", "4711"))));

        Assert.Contains("Did you mean 'TokenLabel'?", misspelled.Message, StringComparison.Ordinal);
        Assert.Contains("ModulePath: must be", missing.Message, StringComparison.Ordinal);
        Assert.Contains("Pin: must not be empty", missing.Message, StringComparison.Ordinal);
        Assert.Contains("TokenLabel and SlotId: set one", both.Message, StringComparison.Ordinal);
        Assert.Contains("CallTimeout: must be", both.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", both.Message, StringComparison.Ordinal);
    }

    private static IConfiguration Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(
                one => KeyValuePair.Create($"Millrace:Pkcs11:{one.Name}", (string?)one.Value)))
            .Build();

    private static void Copy(Pkcs11Options from, Pkcs11Options to) =>
        (to.ModulePath, to.TokenLabel, to.KeyLabel, to.Pin) =
        (from.ModulePath, from.TokenLabel, from.KeyLabel, from.Pin);

    private async Task Run(Action<KeyOptions> configure, Func<IServiceProvider, Task> use)
    {
        var application = Host.CreateEmptyApplicationBuilder(null);
        application.Services.AddMillrace(millrace => millrace
            .UseSqlite(Path.Combine(_directory, "shop.db"))
            .UseSqliteKeys(Path.Combine(_directory, "keys.db"), configure)
            .AddModel(model => model.Protect("customer.registered", new ProtectedMember("/email"))));
        using var host = application.Build();
        await host.StartAsync();
        await use(host.Services);
        await host.StopAsync();
    }

    private static Task<AppendResult> Append(IServiceProvider node, string stream) =>
        node.GetRequiredService<EventStore>().Append(
            new StreamId(stream),
            ExpectedVersion.NoStream,
            [NewEvent.FromBytes("customer.registered", Encoding.UTF8.GetBytes(Stored))]);

    private static async Task<string> Read(IServiceProvider node, string stream)
    {
        await foreach (var recorded in node.GetRequiredService<EventStore>().ReadStream(new StreamId(stream)))
            return Encoding.UTF8.GetString(recorded.Payload.Span);
        throw new InvalidOperationException("There is no event.");
    }

    private static async Task AssertBoth(IServiceProvider node)
    {
        Assert.Equal(Stored, await Read(node, "customer-1"));
        Assert.Equal(Stored, await Read(node, "customer-2"));
    }
}
