using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;

namespace Millrace.Etcd.Tests;

/// <summary>Tests the registry in a real etcd with authentication.</summary>
public sealed class EtcdAccessTests
{
    [EtcdFact]
    public async Task A_user_with_a_role_on_the_prefix_registers_and_watches_and_logs_in_again_after_a_restart()
    {
        await using var server = await EtcdServer.Start();
        await AddUsers(server);
        using var registry = Registry(server, "shop", "right");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var watch = registry.Watch("users", limit.Token).GetAsyncEnumerator(limit.Token);
        Assert.True(await watch.MoveNextAsync());
        await registry.Register(
            new ServiceInstance("a", "users", "127.0.0.1", 8080), TimeSpan.FromMinutes(1), limit.Token);
        await server.Kill();
        await server.Restart(); // The server loses the token.

        Assert.True(await registry.Heartbeat("users", "a", ServiceHealth.Passing, limit.Token));
        await registry.Register(
            new ServiceInstance("b", "users", "127.0.0.1", 8081), TimeSpan.FromMinutes(1), limit.Token);
        while (watch.Current.Count < 2)
            Assert.True(await watch.MoveNextAsync());
    }

    [EtcdFact]
    public async Task A_token_that_expires_is_renewed()
    {
        using var files = new PemFiles();
        using var key = RSA.Create(2048);
        var publicKey = files.Write("jwt.pub", key.ExportSubjectPublicKeyInfoPem());
        var secret = files.Write("jwt.key", key.ExportRSAPrivateKeyPem());
        await using var server = await EtcdServer.Start(
            "http", "--auth-token", $"jwt,pub-key={publicKey},priv-key={secret},sign-method=RS256,ttl=1s");
        await AddUsers(server);
        using var registry = Registry(server, "shop", "right");
        await registry.Register(new ServiceInstance("a", "users", "127.0.0.1", 8080), TimeSpan.FromMinutes(1));
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));

        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(4) && await pause.WaitForNextTickAsync())
            Assert.Single(await registry.Find("users"));
    }

    [EtcdFact]
    public async Task Access_errors_are_reported_with_their_reason()
    {
        await using var server = await EtcdServer.Start();
        using var early = Registry(server, "shop", "right");
        var notEnabled = await Assert.ThrowsAsync<EtcdAccessException>(() => early.Find("users").AsTask());
        await AddUsers(server);
        using var wrong = Registry(server, "shop", "wrong");
        using var nobody = Registry(server, null, null);
        using var stranger = Registry(server, "stranger", "right");

        Assert.Contains("is not enabled", notEnabled.Message, StringComparison.Ordinal);
        var password = await Assert.ThrowsAsync<EtcdAccessException>(() => wrong.Find("users").AsTask());
        Assert.Contains("its password is wrong", password.Message, StringComparison.Ordinal);
        var none = await Assert.ThrowsAsync<EtcdAccessException>(() => nobody.Find("users").AsTask());
        Assert.Contains("no user is given", none.Message, StringComparison.Ordinal);
        var denied = await Assert.ThrowsAsync<EtcdAccessException>(() => stranger.Find("users").AsTask());
        Assert.Contains("millrace/services/", denied.Message, StringComparison.Ordinal);
        await using var watch = wrong.Watch("users").GetAsyncEnumerator();
        await Assert.ThrowsAsync<EtcdAccessException>(() => watch.MoveNextAsync().AsTask());
    }

    private static EtcdRegistry Registry(EtcdServer server, string? user, string? password) =>
        new(
            new EtcdOptions
            {
                Address = server.Address,
                AnswerTimeout = TimeSpan.FromSeconds(20),
                User = user,
                Password = password,
            },
            TimeProvider.System);

    private static async Task AddUsers(EtcdServer server)
    {
        using var http = new HttpClient();
        foreach (var user in new[] { "root", "shop", "stranger" })
            await Post("user/add", new { name = user, password = "right" });
        await Post("role/add", new { name = "root" });
        await Post("role/add", new { name = "registry" });
        await Post("role/grant", new
        {
            name = "registry",
            perm = new
            {
                permType = "READWRITE",
                key = Convert.ToBase64String("millrace/services/"u8),
                range_end = Convert.ToBase64String("millrace/services0"u8),
            },
        });
        await Post("user/grant", new { user = "root", role = "root" });
        await Post("user/grant", new { user = "shop", role = "registry" });
        await Post("enable", new { });

        async Task Post(string path, object body) =>
            (await http.PostAsJsonAsync(new Uri($"{server.Address}/v3/auth/{path}"), body)).EnsureSuccessStatusCode();
    }
}
