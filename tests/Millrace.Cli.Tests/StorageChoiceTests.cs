namespace Millrace.Cli.Tests;

/// <summary>Tests the recommendation of a storage, with all combinations of requirements.</summary>
public sealed class StorageChoiceTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_tool_and_the_library_recommend_a_storage()
    {
        var text = await _tool.RunOk(
            "storage", "choose", "--performance", "low", "--consistency", "high", "--cost", "high");
        var wrong = await _tool.Run("storage", "choose", "--performance", "low", "--consistency", "high");

        Assert.Contains("StandardDatabase", text.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, wrong.ExitCode);
    }

    [Fact]
    public void Four_combinations_have_a_strategy_and_all_others_are_hybrid()
    {
        var found = new Dictionary<string, StorageStrategy>();
        foreach (var performance in Enum.GetValues<RequirementLevel>())
        {
            foreach (var consistency in Enum.GetValues<RequirementLevel>())
            {
                foreach (var cost in Enum.GetValues<RequirementLevel>())
                {
                    var choice = StorageChoice.For(new StorageRequirements(performance, consistency, cost));
                    Assert.NotEmpty(choice.Reasons);
                    if (choice.Strategy != StorageStrategy.Hybrid)
                        found.Add($"{performance} {consistency} {cost}", choice.Strategy);
                }
            }
        }
        Assert.Equal(
            new Dictionary<string, StorageStrategy>
            {
                ["High High Low"] = StorageStrategy.InMemoryWithPersistence,
                ["High Medium Medium"] = StorageStrategy.OptimizedDatabase,
                ["Medium High Low"] = StorageStrategy.EventStoreWithCaching,
                ["Low High High"] = StorageStrategy.StandardDatabase,
            },
            found);
    }
}
