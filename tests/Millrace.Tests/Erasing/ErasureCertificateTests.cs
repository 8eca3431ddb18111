using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Millrace.Tests.Erasing;

/// <summary>Tests the certificate of an erasure, its signature, and that changes of its file are detected.</summary>
public sealed class ErasureCertificateTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.
    private ErasureCertificate _certificate = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        _sample.Options.BackupRetention = TimeSpan.FromDays(30);
        _sample.Options.OutOfReach.Add("The archive of the mail provider.");
        await _sample.GivenEvents();
        await _sample.GivenCopies();
        _certificate = (await _sample.Erase()).Certificate!;
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public void The_certificate_lists_the_request_the_places_the_keys_and_what_is_out_of_reach()
    {
        using var json = JsonDocument.Parse(_certificate.Content);
        var root = json.RootElement;

        Assert.Equal("complete", root.GetProperty("result").GetString());
        Assert.Equal(ErasureSample.Ada, root.GetProperty("request").GetProperty("subject").GetString());
        Assert.Equal("all", root.GetProperty("request").GetProperty("kinds")[0].GetString());
        Assert.True(root.GetProperty("logPosition").GetInt64() > 0);
        Assert.Equal(3, root.GetProperty("destroyedKeys").GetArrayLength()); // Two keys, and the record of the subject.
        var places = root.GetProperty("verified").EnumerateArray()
            .ToDictionary(place => place.GetProperty("place").GetString()!);
        Assert.True(places["log"].GetProperty("rows").GetInt64() > 5);
        Assert.Equal(4, places["log"].GetProperty("matches").GetInt64());
        Assert.Contains("other keys", places["log"].GetProperty("method").GetString(), StringComparison.Ordinal);
        foreach (var place in new[] { "key store", "documents of customers@1", "documents of timers", "dead letters" })
            Assert.Equal(0, places[place].GetProperty("findings").GetArrayLength());
        var outOfReach = root.GetProperty("outOfReach").EnumerateArray().Select(text => text.GetString()!).ToArray();
        Assert.Contains("until 2", outOfReach[0], StringComparison.Ordinal);
        Assert.Equal("The archive of the mail provider.", outOfReach[^1]);
        Assert.Contains(outOfReach, place => place.StartsWith("Unmarked members:", StringComparison.Ordinal));
        Assert.Contains(outOfReach, place => place.Contains("marked as secrets", StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_is_read_as_it_was_written()
    {
        var read = ErasureCertificate.Parse(_certificate.ToFile() + "\n");

        Assert.True(read.IsSignedBy(ErasureSample.PublicKey));
        Assert.Equal(_certificate.Content.ToArray(), read.Content.ToArray());
    }

    [Fact]
    public void A_changed_byte_of_the_file_is_detected()
    {
        var file = Encoding.UTF8.GetBytes(_certificate.ToFile());
        for (var i = 0; i < file.Length; i += i < 300 || i > file.Length - 300 ? 1 : 7)
        {
            file[i] ^= 1;
            Assert.False(IsValid(Encoding.Latin1.GetString(file)), $"A change of byte {i} was not detected.");
            file[i] ^= 1;
        }
        Assert.True(IsValid(Encoding.Latin1.GetString(file)));
    }

    [Fact]
    public void Another_key_is_refused()
    {
        using var other = System.Security.Cryptography.ECDsa.Create(
            System.Security.Cryptography.ECCurve.NamedCurves.nistP256);

        Assert.False(_certificate.IsSignedBy(other.ExportSubjectPublicKeyInfoPem()));
        Assert.Throws<ArgumentException>(() => _certificate.IsSignedBy("no key"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"format":"other"}""")]
    [InlineData("""{"format":"millrace-erasure-certificate-1","key":"a","certificate":"!","signature":""}""")]
    public void Other_files_are_refused(string file) =>
        Assert.Throws<FormatException>(() => ErasureCertificate.Parse(file));

    [Fact]
    public async Task OpenSSL_verifies_the_signature()
    {
        var folder = Directory.CreateTempSubdirectory("millrace-certificate");
        try
        {
            var content = Path.Combine(folder.FullName, "certificate.json");
            var signature = Path.Combine(folder.FullName, "certificate.sig");
            var key = Path.Combine(folder.FullName, "public.pem");
            await File.WriteAllBytesAsync(content, _certificate.Content.ToArray());
            await File.WriteAllBytesAsync(signature, _certificate.Signature.ToArray());
            await File.WriteAllTextAsync(key, ErasureSample.PublicKey);

            Assert.Equal(0, await OpenSsl(key, signature, content));
            await File.AppendAllTextAsync(content, " ");
            Assert.NotEqual(0, await OpenSsl(key, signature, content));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool IsValid(string file)
    {
        try
        {
            return ErasureCertificate.Parse(file).IsSignedBy(ErasureSample.PublicKey);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static async Task<int> OpenSsl(string key, string signature, string content)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl")
        {
            ArgumentList = { "dgst", "-sha256", "-verify", key, "-signature", signature, content },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
