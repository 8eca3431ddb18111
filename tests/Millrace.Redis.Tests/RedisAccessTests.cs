using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Millrace.Redis.Client;
using Millrace.Shared.Redis;

namespace Millrace.Redis.Tests;

/// <summary>Tests of authentication and TLS.</summary>
public sealed class RedisAccessTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    [RedisFact]
    public async Task User_password_and_database_come_from_the_address()
    {
        await using var server = await RedisServer.Start(
            "--requirepass", "owner's", "--user", "shop", "on", ">s%e:c/r?t", "~*", "&*", "-@all",
            // The permissions that the how-to page lists.
            "+xadd",
            "+xgroup",
            "+xreadgroup",
            "+xack",
            "+xautoclaim",
            "+xclaim",
            "+xpending",
            "+eval",
            "+get",
            "+set",
            "+del",
            "+type",
            "+ping",
            "+select",
            "+client|id",
            "+client|unblock");
        var address = $"redis://shop:{Uri.EscapeDataString("s%e:c/r?t")}@127.0.0.1:{server.Port}/3";
        await using var transport = new RedisTransport(OptionsOf(address), TimeProvider.System);
        await using var byDefault = new RedisTransport(
            OptionsOf($"redis://:{Uri.EscapeDataString("owner's")}@127.0.0.1:{server.Port}/2"), TimeProvider.System);

        await transport.Declare(new TransportTopology(["orders"], [new Subscription("all", "orders")]), Cancel);
        await byDefault.Declare(new TransportTopology(["orders"], [new Subscription("one", "orders")]), Cancel);

        await using var receiver = await transport.Receive(new Subscription("all", "orders"), Cancel);
        Assert.True((await transport.Publish([new("orders", Message)], Cancel)).Single().IsConfirmed);
        Assert.Equal("1", (await receiver.Take(1, Cancel)).Single().Message.Id);
    }

    [RedisFact]
    public async Task A_failed_login_is_reported_without_the_password()
    {
        await using var server = await RedisServer.Start("--requirepass", "right");
        await using var transport = new RedisTransport(
            OptionsOf($"redis://:wrong@127.0.0.1:{server.Port}"), TimeProvider.System);

        var failure = await Assert.ThrowsAsync<TransportUnavailableException>(() => transport.Check(Cancel).AsTask());
        var refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => transport.Declare(new TransportTopology(["orders"], []), Cancel).AsTask());

        Assert.Contains("WRONGPASS", failure.Message, StringComparison.Ordinal);
        Assert.Contains("WRONGPASS", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", failure.ToString(), StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task TLS_encrypts_the_connection_and_an_untrusted_certificate_is_refused()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var folder = Directory
            .CreateDirectory(Path.Combine(Path.GetTempPath(), $"millrace-tls-{Guid.CreateVersion7():N}"))
            .FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        var port = FreePorts.Take();
        await using var server = await RedisServer.Start(
            "--tls-port",
            $"{port}",
            "--tls-cert-file",
            Path.Combine(folder, "cert.pem"),
            "--tls-key-file",
            Path.Combine(folder, "key.pem"),
            "--tls-ca-cert-file",
            Path.Combine(folder, "cert.pem"),
            "--tls-auth-clients",
            "no");
        Directory.Delete(folder, recursive: true);
        var options = OptionsOf($"rediss://127.0.0.1:{port}");
        await using var verifying = new RedisTransport(options, TimeProvider.System);
        options.ConfigureTls = tls => tls.RemoteCertificateValidationCallback =
            (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString();
        await using var trusting = new RedisTransport(options, TimeProvider.System);

        var failure = await Assert.ThrowsAsync<TransportUnavailableException>(() => verifying.Check(Cancel).AsTask());
        await trusting.Check(Cancel);

        Assert.Contains("certificate", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis://localhost", "localhost:6379/0", false, null, null)]
    [InlineData("cache:7000", "cache:7000/0", false, null, null)]
    [InlineData("rediss://:p%40ss@[::1]:7001/15", "[::1]:7001/15", true, null, "p@ss")]
    [InlineData("redis://shop:a:b@10.0.0.7/2", "10.0.0.7:6379/2", false, "shop", "a:b")]
    [InlineData("redis://shop:s@one:7000,two,[::1]:7002/1", "one:7000,two:6379,[::1]:7002/1", false, "shop", "s")]
    public void An_address_contains_all_settings(
        string text, string host, bool isSecure, string? user, string? password)
    {
        var address = RedisAddress.TryParse(text);

        Assert.NotNull(address);
        Assert.Equal(
            (host, isSecure, user, password), (address.ToString(), address.IsSecure, address.User, address.Password));
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://localhost")]
    [InlineData("redis://localhost/orders")]
    [InlineData("redis://localhost?ssl=true")]
    [InlineData("redis://:6379")]
    [InlineData("redis://one,,two")]
    [InlineData("redis://one:7000,two:x")]
    public void An_invalid_address_is_refused(string text) => Assert.Null(RedisAddress.TryParse(text));

    [Theory]
    [InlineData("READONLY You can't write against a read only replica.", false)]
    [InlineData("CLUSTERDOWN The cluster is down", false)]
    [InlineData("MOVED 3999 127.0.0.1:6381", false)]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot", false)]
    [InlineData("MASTERDOWN Link with MASTER is down", false)]
    [InlineData("LOADING Redis is loading the dataset in memory", false)]
    [InlineData("ERR Error running script: -READONLY You can't write against a read only replica.", false)]
    [InlineData("NOPERM this user has no permissions to run the 'xadd' command", true)]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value", true)]
    [InlineData("ERR unknown command 'XADD'", true)]
    public void Errors_of_a_failover_are_transient_and_a_missing_permission_is_permanent(
        string error, bool isPermanent) =>
        Assert.Equal(isPermanent, new RedisErrorException(error).IsPermanent);

    private static RedisOptions OptionsOf(string address) =>
        // Long, because other tests and builds share the processor.
        new() { Address = address, AnswerTimeout = TimeSpan.FromSeconds(20) };

    private static Message Message => new() { Id = "1", Type = "order.placed", Body = "{}"u8.ToArray() };
}
