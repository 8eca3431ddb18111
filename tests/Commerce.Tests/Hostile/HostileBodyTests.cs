using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Commerce.Tests.Api;

namespace Commerce.Tests.Hostile;

/// <summary>
/// Sends invalid bodies of every kind to every command of the running shop: each is refused, and nothing is written.
/// </summary>
public sealed class HostileBodyTests(RunningShop shop) : IClassFixture<RunningShop>
{
    private const int AtOnce = 8;

    [Fact]
    public Task Files_that_are_not_commands_are_refused_by_every_command() => RefusesAll(HostileFiles.Own);

    [SharedFilesFact]
    // Skipped when there are no shared files.
    public Task Shared_files_are_refused_by_every_command() => RefusesAll(HostileFiles.Shared!);

    [Fact]
    public Task Files_that_are_not_decisions_are_refused_by_operator_routes() =>
        AssertNoEffect(HostileFiles.Own);

    [SharedFilesFact]
    // The fixture is started.
    public Task Shared_files_make_operators_routes_do_nothing() => AssertNoEffect(HostileFiles.Shared!);

    [Theory]
    [InlineData("""{"price":1,"name":"a","price":2}""", "malformed-request")]
    [InlineData("""{"name":"a","price":1,"attributes":{"x":"1","x":"2"}}""", "malformed-request")]
    [InlineData("""{"name":"a","price":1} {"name":"b"}""", "malformed-request")]
    [InlineData("""[{"name":"a","price":1}]""", "malformed-request")]
    [InlineData("\"{}\"", "malformed-request")]
    [InlineData("""{"name":"a","price":1,}""", "malformed-request")]
    [InlineData("""{"name":"a","price":1}//""", "malformed-request")]
    [InlineData("""{"name":"a","price":"1"}""", "malformed-request")]
    [InlineData("""{"name":["a"],"price":1}""", "malformed-request")]
    [InlineData("""{"name":"\ud800","price":1}""", "malformed-request")]
    [InlineData("""{"name":null,"price":1}""", "malformed-request")]
    [InlineData("{}", "malformed-request")]
    [InlineData("", "malformed-request")]
    public async Task A_body_that_is_nearly_a_command_is_refused_by_name(string body, string error)
    {
        var before = await shop.LogEnd();

        var answer = await Send("/api/products", Encoding.UTF8.GetBytes(body), "application/json");

        Assert.Null(await Refusal.Problem(answer));
        Assert.Equal(error, await RunningShop.Error(answer));
        Assert.Equal(before, await shop.LogEnd());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/json+x")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/octet-stream")]
    [InlineData(null)]
    public async Task Another_content_type_is_refused_whatever_the_content(string? type)
    {
        var before = await shop.LogEnd();

        var answer = await Send("/api/products", """{"name":"Mug","price":1}"""u8.ToArray(), type);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Null(await Refusal.Problem(answer));
        Assert.Equal(before, await shop.LogEnd());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused_with_and_without_a_length(bool isChunked)
    {
        var before = await shop.LogEnd();
        var body = Encoding.UTF8.GetBytes("""{"name":"Mug","price":1,"description":"DESC"}""".Replace(
            "DESC", new string('x', 2 * 1024 * 1024), StringComparison.Ordinal));

        var answer = await Send("/api/products", body, "application/json", isChunked);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Null(await Refusal.Problem(answer));
        Assert.Equal(before, await shop.LogEnd());
    }

    [Fact]
    public async Task Deeply_nested_members_are_refused()
    {
        var before = await shop.LogEnd();
        foreach (var depth in (int[])[65, 1_000, 100_000])
        {
            var nested = string.Concat(Enumerable.Repeat("[", depth)) + string.Concat(Enumerable.Repeat("]", depth));
            var body = Encoding.UTF8.GetBytes($$"""{"name":"Mug","price":1,"unknown":{{nested}}}""");

            Assert.Null(await Refusal.Problem(await Send("/api/products", body, "application/json")));
        }

        Assert.Equal(before, await shop.LogEnd());
    }

    private async Task RefusesAll(IReadOnlyList<string> files)
    {
        var targets = (await Targets()).Where(target => !IsForOperators(target.Path)).ToList();
        Assert.True(targets.Count >= 20, $"Only {targets.Count} commands were found.");
        await SendAll(files, targets, Refusal.Problem);
    }

    /// <summary>An empty decision is like none when there is nothing to decide.</summary>
    private async Task AssertNoEffect(IReadOnlyList<string> files)
    {
        var targets = (await Targets()).Where(target => IsForOperators(target.Path)).ToList();
        Assert.True(targets.Count >= 10, $"Only {targets.Count} routes were found.");
        await SendAll(files, targets, Refusal.ProblemUnlessDone);
    }

    private static bool IsForOperators(string path) => path.StartsWith("/millrace/", StringComparison.Ordinal);

    private async Task SendAll(
        IReadOnlyList<string> files,
        IReadOnlyList<(string Method, string Path)> targets,
        Func<HttpResponseMessage, Task<string?>> problemOf)
    {
        var before = await shop.LogEnd();
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (file, cancellationToken) =>
            {
                var bytes = await File.ReadAllBytesAsync(file, cancellationToken);
                foreach (var (method, path) in targets)
                {
                    using var answer = await Send(path, bytes, "application/json", method: method);
                    if (await problemOf(answer) is { } problem)
                        wrong.Add($"{method} {path} with {Path.GetFileName(file)}: {problem}");
                }
            }
        );

        Refusal.AssertNone(wrong);
        Assert.Equal(before, await shop.LogEnd());
        await shop.AssertHealthy();
    }

    /// <summary>
    /// Every command. Commands whose body is incomplete are sent to existing targets, so that only the body can be
    /// wrong; all others go to unknown targets.
    /// </summary>
    private async Task<IReadOnlyList<(string Method, string Path)>> Targets()
    {
        var product = await shop.GivenProduct();
        var order = await shop.GivenOrder(product);
        var customer = await shop.GivenCustomer();
        var existing = new Dictionary<string, string>
        {
            ["product"] = product,
            ["order"] = order,
            ["customer"] = customer,
        };
        var api = await ApiDescription.Read(shop.Http);
        return
        [
            .. from found in api.Operations
            where found.Method != "get"
            let isComplete = ApiDescription.BodyOf(found.Operation) is not { } body
                || api.Resolve(body)["required"] is null
            select (
                found.Method,
                ApiDescription.Fill(
                    found.Path,
                    name => isComplete ? $"{Guid.NewGuid()}" : existing.GetValueOrDefault(name, $"{Guid.NewGuid()}"))),
        ];
    }

    private Task<HttpResponseMessage> Send(
        string path, byte[] body, string? type, bool isChunked = false, string method = "post")
    {
        var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), path)
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        request.Headers.TransferEncodingChunked = isChunked;
        // Otherwise the refusal may arrive while the rest is still being sent.
        request.Headers.ExpectContinue = body.Length > 1024 * 1024;
        return shop.Http.SendAsync(request);
    }
}
