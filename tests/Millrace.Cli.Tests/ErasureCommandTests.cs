using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands that show erasures and verify their certificates.</summary>
public sealed class ErasureCommandTests : IAsyncLifetime, IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-certificates-");
    private readonly Tool _tool = new();

    private string CertificateFile => Path.Combine(_folder.FullName, "certificate.json");

    private string KeyFile => Path.Combine(_folder.FullName, "public.pem");

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(KeyFile, _key.ExportSubjectPublicKeyInfoPem());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .AddModel(model => model.Protect("customer.registered", new ProtectedMember("/email")))
            .UseInMemoryKeys()
            .AddErasures(options =>
                (options.PrivateKeyPem, options.SettleTime) = (_key.ExportPkcs8PrivateKeyPem(), TimeSpan.Zero)));
        using var host = builder.Build();
        await host.StartAsync();
        var registered = NewEvent.FromBytes(
            "customer.registered", Encoding.UTF8.GetBytes("""{"email":"ada.lovelace@example.org"}"""));
        await host.Services.GetRequiredService<EventStore>()
            .Append(new StreamId("customer-1"), ExpectedVersion.Any, [registered]);
        var erasures = host.Services.GetRequiredService<Erasures>();
        await erasures.Request(new ErasureRequest("request-1", "customer-1", "asked by letter", "ann"));
        await erasures.Approve("request-1", "ben");
        await erasures.CarryOut("request-1");
        await erasures.Request(new ErasureRequest("request-2", "customer-9", "asked by letter", "ann"));
        await host.StopAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
        _tool.Dispose();
    }

    [Fact]
    public async Task Only_an_erasure_without_a_certificate_is_stopped()
    {
        var ended = await _tool.Run("erasure", "stop", "request-1", "--reason", "late");
        var refused = (await _tool.RunOk("erasure", "stop", "request-2", "--reason", "obsolete", "--json")).Json;
        var missing = await _tool.Run("erasure", "stop", "request-3", "--reason", "none");

        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains("it has ended", ended.Error, StringComparison.Ordinal);
        Assert.Equal("Refused", refused.GetProperty("state").GetString());
        Assert.Equal(3, missing.ExitCode);
        Assert.Equal(2, (await _tool.Run("erasure", "stop", "request-1")).ExitCode);
    }

    [Fact]
    public async Task Erasures_are_listed_and_shown_without_keys()
    {
        var all = (await _tool.RunOk("erasure", "list", "--json")).Json;
        var table = await _tool.RunOk("erasure");
        var shown = (await _tool.RunOk("erasure", "show", "request-1", "--json")).Json;
        var text = await _tool.RunOk("erasure", "show", "request-2");

        Assert.Equal(
            ["Confirmed", "Refused"], all.EnumerateArray().Select(one => one.GetProperty("state").GetString()));
        Assert.Contains("customer-1", table.Output, StringComparison.Ordinal);
        Assert.Equal(8, shown.GetProperty("steps").GetArrayLength());
        Assert.Contains("does not exist", text.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await _tool.Run("erasure", "show", "none")).ExitCode);
        Assert.Equal(2, (await _tool.Run("erasure", "show", "A B")).ExitCode);
    }

    [Fact]
    public async Task A_certificate_is_written_and_verified()
    {
        var shown = await _tool.RunOk("erasure", "show", "request-1", "--certificate", CertificateFile);

        var verified = await _tool.RunOk("certificate", "verify", CertificateFile, "--key", KeyFile);
        var json = (await _tool.RunOk("certificate", "verify", CertificateFile, "--key", KeyFile, "--json")).Json;

        Assert.Contains("The certificate was written to", shown.Output, StringComparison.Ordinal);
        Assert.Contains("- Unmarked members:", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("marked as secrets", shown.Output, StringComparison.Ordinal); // There are none.
        Assert.Contains("complete", verified.Output, StringComparison.Ordinal);
        var request = json.GetProperty("certificate").GetProperty("request");
        Assert.Equal("customer-1", request.GetProperty("subject").GetString());
        Assert.Equal(
            1, (await _tool.Run("erasure", "show", "request-1", "--certificate", CertificateFile)).ExitCode);
        Assert.Equal(
            3, (await _tool.Run("erasure", "show", "request-2", "--certificate", KeyFile + "x")).ExitCode);
    }

    [Fact]
    public async Task A_reformatted_certificate_is_refused_with_the_state_of_its_signature()
    {
        await _tool.RunOk("erasure", "show", "request-1", "--certificate", CertificateFile);
        var node = JsonNode.Parse(await File.ReadAllTextAsync(CertificateFile))!;
        await File.WriteAllTextAsync(CertificateFile, node.ToJsonString(new() { WriteIndented = true }));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(KeyFile + "2", other.ExportSubjectPublicKeyInfoPem());

        var valid = await _tool.Run("certificate", "verify", CertificateFile, "--key", KeyFile);
        var otherKey = await _tool.Run("certificate", "verify", CertificateFile, "--key", KeyFile + "2");

        Assert.Equal((5, 5), (valid.ExitCode, otherKey.ExitCode));
        Assert.Contains("reformatted. The signature is valid for its", valid.Error, StringComparison.Ordinal);
        Assert.Contains("reformatted. The signature is not valid for its", otherKey.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_certificate_or_another_key_is_refused()
    {
        await _tool.RunOk("erasure", "show", "request-1", "--certificate", CertificateFile);
        var text = await File.ReadAllTextAsync(CertificateFile);
        var changed = Path.Combine(_folder.FullName, "changed.json");
        await File.WriteAllTextAsync(changed, text.Replace("\"key\":\"", "\"key\":\"0", StringComparison.Ordinal));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var otherKey = Path.Combine(_folder.FullName, "other.pem");
        await File.WriteAllTextAsync(otherKey, other.ExportSubjectPublicKeyInfoPem());

        Assert.Equal(5, (await _tool.Run("certificate", "verify", changed, "--key", KeyFile)).ExitCode);
        Assert.Equal(5, (await _tool.Run("certificate", "verify", CertificateFile, "--key", otherKey)).ExitCode);
        Assert.Equal(5, (await _tool.Run("certificate", "verify", KeyFile, "--key", KeyFile)).ExitCode);
        Assert.Equal(2, (await _tool.Run("certificate", "verify", CertificateFile, "--key", CertificateFile)).ExitCode);
    }
}
