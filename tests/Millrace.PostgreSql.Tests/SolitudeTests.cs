namespace Millrace.PostgreSql.Tests;

public sealed class SolitudeTests
{
    private readonly Solitude _solitude = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_what_a_look_has_shown(bool isAlone)
    {
        Assert.False(_solitude.Holds);

        _solitude.EndLook(_solitude.BeginLook(), isAlone);

        Assert.Equal(isAlone, _solitude.Holds);
    }

    [Fact]
    public void Somebody_who_is_heard_ends_it_until_the_next_look()
    {
        _solitude.EndLook(_solitude.BeginLook(), isAlone: true);

        _solitude.End();
        Assert.False(_solitude.Holds);

        _solitude.EndLook(_solitude.BeginLook(), isAlone: true);
        Assert.True(_solitude.Holds);
    }

    [Fact]
    public async Task Somebody_who_is_heard_while_it_is_looked_is_there_whichever_thread_is_first()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var begun = _solitude.BeginLook();
            await Task.WhenAll(Task.Run(_solitude.End), Task.Run(() => _solitude.EndLook(begun, isAlone: true)));
            Assert.False(_solitude.Holds);
        }
    }
}
