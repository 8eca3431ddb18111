using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Auditing.Sealing;
using Millrace.Storage.InMemory;

namespace Millrace.Tests.Auditing;

/// <summary>Tests of the keys of seals, and of programs outside Millrace that check seals and proofs.</summary>
public sealed class SealKeyTests : IDisposable
{
    private readonly SealKeys _keys = new();

    public void Dispose() => _keys.Dispose();

    [Fact]
    public void An_encrypted_key_needs_its_passphrase()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000);
        var path = _keys.Write("encrypted.pem", key.ExportEncryptedPkcs8PrivateKeyPem("harbour", parameters));

        using var signer = SealSigner.Load(path, "harbour");

        Assert.Equal(key.ExportSubjectPublicKeyInfo(), signer.PublicKey.ToArray());
        Assert.Contains("no passphrase", Problem(path, null), StringComparison.Ordinal);
        Assert.Contains("passphrase is wrong", Problem(path, "other"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_cannot_be_used_is_a_typed_error()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);

        Assert.Contains("cannot be read", Problem(_keys.Key + ".none", null), StringComparison.Ordinal);
        Assert.Contains("not a PEM file", Problem(_keys.Write("text.pem", "text"), null), StringComparison.Ordinal);
        Assert.Contains("not a PEM file", Problem(_keys.PublicKey, null), StringComparison.Ordinal);
        Assert.Contains(
            "P-256",
            Problem(_keys.Write("p384.pem", other.ExportPkcs8PrivateKeyPem()), null),
            StringComparison.Ordinal);
        Assert.Contains(
            "not a PEM file",
            Problem(_keys.Write("rsa.pem", rsa.ExportPkcs8PrivateKeyPem()), null),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_key_of_another_curve_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var path = _keys.Write("p384-public.pem", other.ExportSubjectPublicKeyInfoPem());

        var refused = Assert.Throws<SealKeyException>(() => SealSigner.LoadPublic(path));

        Assert.Contains("P-256", refused.Reason, StringComparison.Ordinal);
        Assert.NotEmpty(SealSigner.LoadPublic(_keys.PublicKey));
    }

    [Fact]
    public void Options_out_of_range_are_reported_together()
    {
        var options = new SealOptions
        {
            Interval = TimeSpan.FromMilliseconds(99),
            MinEvents = 0,
            AnchorFile = " ",
            AnchorUrl = new Uri("ftp://example.org/"),
            AnchorTimeout = TimeSpan.FromMinutes(6),
        };

        Assert.Equal(
            ["KeyFile", "Interval", "MinEvents", "AnchorFile", "AnchorUrl", "AnchorTimeout"],
            options.Problems().Select(problem => problem.Split(':')[0]));
    }

    [Fact]
    public async Task Anchors_of_tenants_with_their_own_stores_must_be_separate()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.FileEach);

        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => TenantApp.Start(
            testStore,
            configure: millrace => millrace.AddSeals(seals =>
            {
                seals.KeyFile = _keys.Key;
                seals.AnchorFile = _keys.Anchors;
                seals.AnchorUrl = new Uri("http://127.0.0.1:9/");
            })));

        Assert.Contains("AnchorFile: must contain {tenant}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("AnchorUrl: must contain {tenant}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenSsl_verifies_the_signature_of_a_seal()
    {
        var seal = await MakeSeal();
        var text = _keys.Write("seal.txt", seal.Text);
        var signature = Path.Combine(_keys.Directory, "seal.sig");
        await File.WriteAllBytesAsync(signature, seal.Signature.ToArray());

        var (code, output) = await Run(
            "openssl", "dgst", "-sha256", "-verify", _keys.PublicKey, "-signature", signature, text);
        Assert.Equal((0, "Verified OK"), (code, output.Trim()));

        await File.AppendAllTextAsync(text, " ");
        (code, _) = await Run(
            "openssl", "dgst", "-sha256", "-verify", _keys.PublicKey, "-signature", signature, text);
        Assert.NotEqual(0, code);
    }

    [Fact]
    public async Task The_documented_script_checks_a_proof()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        await SealedLog.Append(store, 600);
        using var signer = SealSigner.Load(_keys.Key, null);
        await SealedLog.Seal(store, signer);
        await store.Truncate(new StreamId("ship-1"), 3, "test"); // Positions 2 and 8.
        var script = _keys.Write("check.py", Script());

        foreach (var position in (long[])[1, 2, 8, 255, 256, 257, 512, 513, 599, 600])
        {
            var proof = _keys.Write("proof.json", Json(await new LogSeals(store).Prove(position)));
            var (code, output) = await Run("python3", script, proof);
            Assert.True(code == 0, output);
            Assert.Contains($"position {position} is sealed", output, StringComparison.Ordinal);

            var changed = Json(await new LogSeals(store).Prove(position)).Replace(
                $"\"index\":{position - 1},", $"\"index\":{position % 600},", StringComparison.Ordinal);
            (code, _) = await Run("python3", script, _keys.Write("changed.json", changed));
            Assert.NotEqual(0, code);
        }
        var leaf = Json(await new LogSeals(store).Prove(5));
        var other = leaf.Replace("\"leaf\":\"AQE", "\"leaf\":\"AQI", StringComparison.Ordinal);
        Assert.NotEqual(leaf, other);
        Assert.NotEqual(0, (await Run("python3", script, _keys.Write("changed.json", other))).Code);
    }

    [Fact]
    public async Task A_position_without_a_seal_has_no_proof()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        await SealedLog.Append(store, 5);
        var seals = new LogSeals(store);
        await Assert.ThrowsAsync<PositionNotSealedException>(() => seals.Prove(1));
        using var signer = SealSigner.Load(_keys.Key, null);
        await SealedLog.Seal(store, signer);

        await seals.Prove(5);

        var refused = await Assert.ThrowsAsync<PositionNotSealedException>(() => seals.Prove(6));
        Assert.Equal((6, 5), (refused.Position, refused.SealedThrough));
        await Assert.ThrowsAsync<PositionNotSealedException>(() => seals.Prove(0));
    }

    private static string Problem(string path, string? passphrase) =>
        Assert.Throws<SealKeyException>(() => SealSigner.Load(path, passphrase)).Reason;

    private async Task<Seal> MakeSeal()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        await SealedLog.Append(store, 5);
        using var signer = SealSigner.Load(_keys.Key, null);
        await SealedLog.Seal(store, signer);
        return (await SealState.Read(store.Storage.Documents, default)).Last!;
    }

    /// <summary>Returns the script in the page about the audit trail.</summary>
    private static string Script()
    {
        var page = File.ReadAllText(RepositoryRoot.PathOf("docs", "how-to", "audit-trail.md"));
        var start = page.IndexOf("```python\n", StringComparison.Ordinal) + "```python\n".Length;
        return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static string Json(InclusionProof proof)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            proof.WriteTo(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static async Task<(int Code, string Output)> Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
