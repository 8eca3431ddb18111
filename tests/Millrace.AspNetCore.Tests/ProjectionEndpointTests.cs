using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>
/// Tests that operators can list read models over HTTP, and can build, compare, switch and drop them with the
/// permission.
/// </summary>
public sealed class ProjectionEndpointTests
{
    private const string Root = "/millrace/projections";

    [Fact]
    public async Task Read_models_are_refused_to_callers_outside_the_policy()
    {
        await using var app = await OperatorsApp.Start(user: null);

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Client.GetAsync(Root)).StatusCode);
        app.Client.DefaultRequestHeaders.Add("X-User", "reader");
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Root)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Forbidden, (await app.Client.PostAsync(Root + "/reader-loans/build", null)).StatusCode);
    }

    [Fact]
    public async Task A_read_model_is_listed_with_its_documents_and_consumer_status()
    {
        await using var app = await OperatorsApp.Start();
        await Lend(app, "Ada", "Grace");

        var model = await WaitUntil(
            app,
            model =>
                model.GetProperty("live").GetProperty("consumer").GetProperty("state").GetString() == "live"
                && model.GetProperty("live").GetProperty("consumer").GetProperty("lagEvents").GetInt64() == 0
                && model.GetProperty("live").GetProperty("documents").GetInt64() == 2);

        Assert.Equal("reader-loans@1", model.GetProperty("live").GetProperty("name").GetString());
        Assert.Equal(0, model.GetProperty("live").GetProperty("consumer").GetProperty("lagEvents").GetInt64());
        Assert.True(model.GetProperty("canBuild").GetBoolean());
        Assert.False(model.TryGetProperty("building", out _));
    }

    [Fact]
    public async Task An_operator_starts_watches_compares_switches_reverts_and_drops_a_rebuild()
    {
        await using var app = await OperatorsApp.Start();
        await Lend(app, "Ada", "Grace");

        var started = await app.Client.PostAsJsonAsync(Root + "/reader-loans/build", new { @switch = "manual" });
        var ready = await WaitUntil(app, IsFullyBuilt);
        var comparison = await Get(app, "/reader-loans/comparison");
        var switched = await Post(app, "/reader-loans/switch");
        var back = await Post(app, "/reader-loans/go-back");
        var dropped = await (await app.Client.DeleteAsync(Root + "/reader-loans/kept")).Json();

        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        Assert.False(ready.GetProperty("switchesItself").GetBoolean());
        var progress = ready.GetProperty("building").GetProperty("progress");
        Assert.Equal(0, progress.GetProperty("secondsLeft").GetDouble());
        Assert.True(comparison.GetProperty("isSame").GetBoolean());
        Assert.Equal(2, comparison.GetProperty("same").GetInt64());
        Assert.Equal(("reader-loans@1.2", "reader-loans@1"), (NameOf(switched, "live"), NameOf(switched, "kept")));
        Assert.Equal(("reader-loans@1", "reader-loans@1.2"), (NameOf(back, "live"), NameOf(back, "kept")));
        Assert.Equal(("reader-loans@1", null), (NameOf(dropped, "live"), NameOf(dropped, "kept")));
    }

    [Fact]
    public async Task The_changes_of_a_rebuild_are_reported_with_examples()
    {
        await using var app = await OperatorsApp.Start(millrace: millrace => millrace.AddModel<Fines>());
        await Lend(app, "Ada", "Grace");
        await WaitUntil(app, model => model.GetProperty("live").GetProperty("documents").GetInt64() == 2, "fines");

        FineProjection.Rate = 3;
        await app.Client.PostAsJsonAsync(Root + "/fines/build", new { @switch = "manual" });
        await WaitUntil(app, IsBuilt, "fines");
        var comparison = await Get(app, "/fines/comparison?examples=1");

        Assert.Equal(2, comparison.GetProperty("changed").GetInt64());
        var example = Assert.Single(comparison.GetProperty("examples").EnumerateArray());
        var field = Assert.Single(example.GetProperty("fields").EnumerateArray());
        Assert.Equal(
            ("Ada", "changed"), (example.GetProperty("key").GetString(), example.GetProperty("kind").GetString()));
        Assert.Equal(
            ("pence", "1", "3"),
            (
                field.GetProperty("path").GetString(),
                field.GetProperty("before").GetString(),
                field.GetProperty("after").GetString()));
    }

    [Fact]
    public async Task A_build_can_be_paused_resumed_and_cancelled()
    {
        await using var app = await OperatorsApp.Start();
        await Lend(app, "Ada");
        await app.Client.PostAsJsonAsync(Root + "/reader-loans/build", new { @switch = "manual" });
        var building = (await WaitUntil(app, model => model.TryGetProperty("building", out _))).GetProperty("building");
        var consumer = "/millrace/consumers/" + building.GetProperty("name").GetString();
        // A build starts after a short delay.
        await Eventually.Get(() => app.Client.GetAsync(consumer), answer => answer.IsSuccessStatusCode);

        var paused = await (await app.Client.PostAsync(consumer + "/pause", null)).Json();
        var resumed = await (await app.Client.PostAsync(consumer + "/resume", null)).Json();
        var cancelled = await (await app.Client.DeleteAsync(Root + "/reader-loans/build")).Json();

        Assert.True(paused.GetProperty("isPaused").GetBoolean());
        Assert.False(resumed.GetProperty("isPaused").GetBoolean());
        Assert.False(cancelled.TryGetProperty("building", out _));
        Assert.Equal("reader-loans@1", NameOf(cancelled, "live"));
    }

    [Fact]
    public async Task An_impossible_action_is_refused_with_the_reason()
    {
        await using var app = await OperatorsApp.Start();
        await Lend(app, "Ada");
        await WaitUntil(app, _ => true);

        Assert.Equal(
            (409, "build-refused"), await (await app.Client.PostAsync(Root + "/reader-loans/switch", null)).Problem());
        Assert.Equal(
            (409, "build-refused"), await (await app.Client.PostAsync(Root + "/reader-loans/go-back", null)).Problem());
        Assert.Equal(
            (409, "build-refused"), await (await app.Client.DeleteAsync(Root + "/reader-loans/build")).Problem());
        Assert.Equal(
            (409, "build-refused"), await (await app.Client.DeleteAsync(Root + "/reader-loans/kept")).Problem());
        Assert.Equal(
            (409, "build-refused"), await (await app.Client.GetAsync(Root + "/reader-loans/comparison")).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.PostAsync(Root + "/films/build", null)).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "/films")).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.PostAsJsonAsync(
            Root + "/reader-loans/build", new { @switch = "soon" })).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(
            Root + "/reader-loans/comparison?examples=-1")).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.PostAsJsonAsync(
            Root + "/reader-loans/switch", new { waitSeconds = 61 })).Problem());
    }

    [Fact]
    public async Task A_user_with_read_permission_cannot_build()
    {
        await using var app = await OperatorsApp.Start(allowDecisions: false);
        await Lend(app, "Ada");
        await WaitUntil(app, _ => true);

        Assert.Equal(
            HttpStatusCode.NotFound, (await app.Client.PostAsync(Root + "/reader-loans/build", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.DeleteAsync(Root + "/reader-loans/kept")).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await app.Client.PostAsync("/millrace/consumers/reader-loans@1/pause", null)).StatusCode);
        Assert.False((await Get(app, "/reader-loans")).TryGetProperty("building", out _));
    }

    [Fact]
    public async Task OpenAPI_describes_the_projection_endpoints()
    {
        await using var app = await OperatorsApp.Start();

        var document = await (await app.Client.GetAsync("/openapi/v1.json")).Json();

        var paths = document.GetProperty("paths");
        var list = paths.GetProperty(Root).GetProperty("get");
        var compare = paths.GetProperty(Root + "/{name}/comparison").GetProperty("get");
        Assert.Equal("millrace", list.GetProperty("tags")[0].GetString());
        Assert.True(list.GetProperty("responses").TryGetProperty("403", out _));
        var content = list.GetProperty("responses").GetProperty("200").GetProperty("content");
        var schema = content.GetProperty("application/json").GetProperty("schema");
        var item = document.GetProperty("components").GetProperty("schemas").GetProperty(
            schema.GetProperty("items").GetProperty("$ref").GetString()!.Split('/')[^1]);
        Assert.Equal(
            ["building", "canBuild", "kept", "live", "name", "shard", "switchesItself"],
            item.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order());
        Assert.Equal(
            ["name", "examples"],
            compare.GetProperty("parameters").EnumerateArray()
                .Select(parameter => parameter.GetProperty("name").GetString()));
        Assert.True(compare.GetProperty("responses").TryGetProperty("409", out _));
        Assert.True(
            paths.GetProperty("/millrace/dead-letters/{id}").GetProperty("get").TryGetProperty("summary", out _));
    }

    private static async Task Lend(LibraryApp app, params string[] readers)
    {
        var book = await app.Add(copies: readers.Length);
        foreach (var reader in readers)
            (await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader })).EnsureSuccessStatusCode();
        Assert.True(
            await app.Consumers.WaitFor("reader-loans@1", await app.Store.GetToken(), TimeSpan.FromSeconds(60)));
    }

    private static bool IsBuilt(JsonElement model) => model.TryGetProperty("building", out var building)
        && building.TryGetProperty("progress", out var progress) && progress.GetProperty("isReady").GetBoolean();

    private static bool IsFullyBuilt(JsonElement model) => IsBuilt(model)
        && model.GetProperty("building").GetProperty("progress") is var progress
        && progress.GetProperty("done").GetInt64() == progress.GetProperty("total").GetInt64();

    private static string? NameOf(JsonElement model, string part) =>
        model.TryGetProperty(part, out var collection) ? collection.GetProperty("name").GetString() : null;

    private static async Task<JsonElement> Get(LibraryApp app, string path)
    {
        var response = await app.Client.GetAsync(Root + path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Json();
    }

    private static async Task<JsonElement> Post(LibraryApp app, string path)
    {
        var response = await app.Client.PostAsync(Root + path, null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Json();
    }

    private static async Task<JsonElement> WaitUntil(
        LibraryApp app, Func<JsonElement, bool> condition, string name = "reader-loans")
    {
        bool IsMatch(JsonElement model) =>
            model.GetProperty("name").GetString() == name && model.TryGetProperty("live", out _) && condition(model);
        var models = await Eventually.Get(() => Get(app, ""), all => all.EnumerateArray().Any(IsMatch));
        return models.EnumerateArray().First(IsMatch);
    }
}

public sealed record Fine(string Reader, int Pence);

[JsonSerializable(typeof(Fine))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
public sealed partial class FineJson : JsonSerializerContext;

/// <summary>The fines of readers. A test changes the rate, as a new release would.</summary>
public sealed class FineProjection : Projection<string, Fine>
{
    public static int Rate { get; set; } = 1;

    protected override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
    {
        if (recorded.Data is BookLent lent)
            keys.Add(lent.Reader);
    }

    protected override Fine? Fold(string key, Fine? document, RecordedEvent recorded) =>
        new(key, (document?.Pence ?? 0) + Rate);
}

/// <summary>A second model in addition to the model of the library.</summary>
public sealed class Fines : IModel
{
    public static void Register(ModelBuilder model) => model.Projection(new ProjectionDefinition<string, Fine>
    {
        Name = "fines",
        Events = [typeof(BookLent)],
        Create = () => new FineProjection(),
        Document = FineJson.Default.Fine,
    });
}
