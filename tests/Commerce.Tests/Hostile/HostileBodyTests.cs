using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Commerce.Tests.Api;

namespace Commerce.Tests.Hostile;

/// <summary>
/// Tests that every command of the running shop refuses invalid bodies of every kind and writes no event.
/// </summary>
public sealed class HostileBodyTests(RunningShop shop) : IClassFixture<RunningShop>
{
    private const int MaxConcurrentFiles = 8;
    private const int SampleInterval = 5;

    [Fact]
    public Task Files_that_are_not_commands_are_refused_by_every_command() => RefusesAll(HostileFiles.Own);

    [SharedFilesFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    // The attribute skips the test without the shared files.
    public Task Shared_files_are_refused_by_every_command() => RefusesAll(HostileFiles.Shared!);

    [SharedFilesFact]
    public Task A_sample_of_the_shared_files_is_refused_by_every_command() => RefusesAll(Sample());

    [Fact]
    public Task Files_that_are_not_decisions_are_refused_by_operator_routes() =>
        AssertNoEffect(HostileFiles.Own);

    [SharedFilesFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    // The attribute skips the test without the shared files.
    public Task Shared_files_have_no_effect_on_operator_routes() => AssertNoEffect(HostileFiles.Shared!);

    [SharedFilesFact]
    public Task A_sample_of_the_shared_files_has_no_effect_on_operator_routes() => AssertNoEffect(Sample());

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
    public async Task A_nearly_valid_body_is_refused_with_the_name_of_the_error(string body, string error)
    {
        var before = await shop.LastEvent();

        var answer = await Send("/api/products", Encoding.UTF8.GetBytes(body), "application/json");

        Assert.Null(await Refusal.Problem(answer));
        Assert.Equal(error, await RunningShop.Error(answer));
        Assert.Equal(before, await shop.LastEvent());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/json+x")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/octet-stream")]
    [InlineData(null)]
    public async Task Another_content_type_is_refused_with_any_content(string? type)
    {
        var before = await shop.LastEvent();

        var answer = await Send("/api/products", """{"name":"Mug","price":1}"""u8.ToArray(), type);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Null(await Refusal.Problem(answer));
        Assert.Equal(before, await shop.LastEvent());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused_with_and_without_a_length(bool isChunked)
    {
        var before = await shop.LastEvent();
        var body = Encoding.UTF8.GetBytes("""{"name":"Mug","price":1,"description":"DESC"}""".Replace(
            "DESC", new string('x', 2 * 1024 * 1024), StringComparison.Ordinal));

        var answer = await Send("/api/products", body, "application/json", isChunked);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Null(await Refusal.Problem(answer));
        Assert.Equal(before, await shop.LastEvent());
    }

    [Fact]
    public async Task Deeply_nested_members_are_refused()
    {
        var before = await shop.LastEvent();
        foreach (var depth in (int[])[65, 1_000, 100_000])
        {
            var nested = string.Concat(Enumerable.Repeat("[", depth)) + string.Concat(Enumerable.Repeat("]", depth));
            var body = Encoding.UTF8.GetBytes($$"""{"name":"Mug","price":1,"unknown":{{nested}}}""");

            Assert.Null(await Refusal.Problem(await Send("/api/products", body, "application/json")));
        }

        Assert.Equal(before, await shop.LastEvent());
    }

    /// <summary>Returns every fifth shared file.</summary>
    private static List<string> Sample() =>
        [.. HostileFiles.Shared!.Where((_, number) => number % SampleInterval == 0)];

    private async Task RefusesAll(IReadOnlyList<string> files)
    {
        var targets = (await FindTargets()).Where(target => !IsForOperators(target.Path)).ToList();
        Assert.True(targets.Count >= 20, $"Only {targets.Count} commands were found.");
        await SendAll(files, targets, Refusal.Problem);
    }

    /// <summary>
    /// Checks that operator routes have no effect. A route may accept an empty decision if there is nothing to decide.
    /// </summary>
    private async Task AssertNoEffect(IReadOnlyList<string> files)
    {
        var targets = (await FindTargets()).Where(target => IsForOperators(target.Path)).ToList();
        Assert.True(targets.Count >= 10, $"Only {targets.Count} routes were found.");
        await SendAll(files, targets, Refusal.ProblemUnlessDone);
    }

    private static bool IsForOperators(string path) => path.StartsWith("/millrace/", StringComparison.Ordinal);

    private async Task SendAll(
        IReadOnlyList<string> files,
        IReadOnlyList<(string Method, string Path)> targets,
        Func<HttpResponseMessage, Task<string?>> problemOf)
    {
        var before = await shop.LastEvent();
        var problems = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentFiles },
            async (file, cancellationToken) =>
            {
                var bytes = await File.ReadAllBytesAsync(file, cancellationToken);
                foreach (var (method, path) in targets)
                {
                    using var answer = await Send(path, bytes, "application/json", method: method);
                    if (await problemOf(answer) is { } problem)
                        problems.Add($"{method} {path} with {Path.GetFileName(file)}: {problem}");
                }
            }
        );

        Refusal.AssertNone(problems);
        Assert.Equal(before, await shop.LastEvent());
        await shop.AssertHealthy();
    }

    /// <summary>
    /// Returns the method and path of every command. If an empty body is invalid, the path names existing targets, so
    /// that only the body can be wrong. Otherwise, the path names unknown targets.
    /// </summary>
    private async Task<IReadOnlyList<(string Method, string Path)>> FindTargets()
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
        // Without the header, the server may refuse a large request while the client still sends the body.
        request.Headers.ExpectContinue = body.Length > 1024 * 1024;
        return shop.Http.SendAsync(request);
    }
}
