using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Millrace.Cli.Completion;

namespace Millrace.Cli.Tests;

/// <summary>Tests that every command has a test, working examples and a documented answer.</summary>
public sealed partial class EveryCommandTests : IDisposable
{
    private readonly Tool _tool = new();

    public static TheoryData<string> Commands => new(ToolCommands.All.Keys);

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void Every_command_is_run_by_a_test_on_a_store()
    {
        var tests = string.Join('\n', SourceFiles().Select(File.ReadAllText));

        var untested = ToolCommands.All
            .Where(command => command.Value.Subcommands.Count == 0)
            .Select(command => command.Key)
            .Where(name =>
                !tests.Contains(
                    "\"" + name.Replace(" ", "\", \"", StringComparison.Ordinal) + "\"", StringComparison.Ordinal));

        Assert.Empty(untested);
    }

    [Fact]
    public void Every_command_has_a_documented_answer()
    {
        // These commands print scripts or schemas, so their answer has no schema.
        string[] others =
        [
            "archive", "audit", "certificate", "completion", "json-schema", "keys", "model diagram", "names", "report",
            "schema", "storage",
        ];
        var expected = ToolCommands.All.Keys.Except(others).Select(name => name.Replace(' ', '-'));

        Assert.Equal([], expected.Except(JsonOutputShapes.Definitions.Select(definition => definition.Key)));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_example_can_be_parsed_and_has_a_description(string name)
    {
        var command = Assert.IsType<ToolCommand>(ToolCommands.All[name]);

        Assert.NotEmpty(command.Examples);
        Assert.All(command.Examples, example =>
        {
            var parsed = CommandLine.Parse(CommandLineTokenizer.Of(ToolPartOf(example.Line)));
            Assert.True(parsed.Errors.Count == 0, $"{example.Line}: {string.Join(' ', parsed.Errors)}");
            Assert.False(string.IsNullOrWhiteSpace(example.Meaning));
        });
    }

    [Fact]
    public void Every_member_of_every_answer_is_documented()
    {
        var undocumented = new List<string>();
        foreach (var (name, definition) in JsonOutputShapes.Definitions)
            Search(definition!, name);

        // The CloudEvents standard allows any attributes.
        Assert.Equal(["export.anyOf[1]"], undocumented);

        void Search(JsonNode node, string path)
        {
            if (node is JsonObject shape)
            {
                var others = shape["additionalProperties"];
                var isOpen = others is not JsonObject && others?.GetValueKind() != JsonValueKind.False;
                if ((string?)(shape["type"] as JsonValue) == "object" && isOpen)
                    undocumented.Add(path);
                foreach (var (word, inner) in shape.Where(member => member.Value is not null))
                    Search(inner!, $"{path}.{word}");
            }
            else if (node is JsonArray items)
            {
                foreach (var (index, item) in items.Index().Where(item => item.Item is not null))
                    Search(item!, $"{path}[{index}]");
            }
        }
    }

    [Fact]
    public async Task The_help_names_every_exit_code()
    {
        var help = await _tool.RunOk("--help");

        var exitCodes = help.Output[help.Output.IndexOf("Exit codes:", StringComparison.Ordinal)..];
        Assert.All(Enum.GetValues<ExitCode>(), code => Assert.Matches($@"\b{(int)code} ", exitCodes));
    }

    [Fact]
    public async Task The_JSON_schema_is_printed_for_all_commands_or_for_one()
    {
        var entireSchema = await _tool.RunOk("json-schema");
        var commandSchema = await _tool.RunOk("json-schema", "consumers", "list");
        var unknown = await _tool.Run("json-schema", "nonsense");

        Assert.True(entireSchema.Json.GetProperty("$defs").TryGetProperty("verify", out _));
        Assert.Equal("#/$defs/consumers-list", commandSchema.Json.GetProperty("$ref").GetString());
        Assert.Equal(3, unknown.ExitCode);
    }

    [Fact]
    public async Task The_default_action_of_a_command_group_has_a_name()
    {
        await FillStore();
        string[] letters = ["--consumer", "daily-sales@1", "--json"];

        var consumers = await _tool.RunOk("consumers", "list", "--json");
        var groups = await _tool.RunOk(["dead-letters", "groups", .. letters]);
        var simulated = await _tool.RunOk([
            "dead-letters",
            "simulate",
            "--build",
            Tool.ProgramFile("Commerce"),
            .. letters,
        ]);

        Assert.Equal((await _tool.RunOk("consumers", "--json")).Output, consumers.Output);
        Assert.Equal((await _tool.RunOk("dead-letters", "--json")).Output, groups.Output);
        Assert.Equal(0, simulated.Json.GetProperty("passes").GetInt32());
    }

    /// <summary>
    /// Returns the part of a command line that the shell passes to the tool. A pipe or a redirection ends this part.
    /// </summary>
    private static string ToolPartOf(string line) => ShellOperator().Split(line)[0];

    private async Task FillStore()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        object[] events = [StoreFile.Event("order.placed", "{\"total\":1}"), StoreFile.Event("order.paid", "2"),
            StoreFile.Event("order.shipped", "3")];
        await store.Append(new StreamId("order-42"), ExpectedVersion.Any, events);
    }

    private static IEnumerable<string> SourceFiles()
    {
        return Directory.GetFiles(RepositoryRoot.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("HelpTests", StringComparison.Ordinal));
    }

    [GeneratedRegex(" [|<>] ")]
    private static partial Regex ShellOperator();
}
