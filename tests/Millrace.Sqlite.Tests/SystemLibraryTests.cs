using System.Runtime.InteropServices;
using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests a system library that may have the WAL-reset bug of SQLite 3.7.0 to 3.51.2.</summary>
public sealed class SystemLibraryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(3_006_023, false)]
    [InlineData(3_007_000, true)]
    [InlineData(3_035_005, true)]
    [InlineData(3_040_001, true)]
    [InlineData(3_043_009, true)]
    [InlineData(3_044_005, true)]
    [InlineData(3_044_006, false)]
    [InlineData(3_044_007, false)]
    [InlineData(3_045_000, true)]
    [InlineData(3_050_006, true)]
    [InlineData(3_050_007, false)]
    [InlineData(3_051_000, true)]
    [InlineData(3_051_002, true)]
    [InlineData(3_051_003, false)]
    [InlineData(3_053_000, false)]
    [InlineData(4_000_000, false)]
    public void The_versions_from_3_7_0_to_3_51_2_without_a_backport_are_affected(int version, bool isAffected) =>
        Assert.Equal(isAffected, WalReset.Affects(version));

    [Fact]
    public void The_library_of_the_package_is_not_affected() =>
        Assert.False(WalReset.Affects(SqliteLibrary.VersionNumber), $"SQLite {SqliteLibrary.Version} is affected.");

    [Fact]
    public async Task An_application_with_the_library_of_the_package_starts_without_a_warning()
    {
        using var peer = await Peer.Start("host", _directory["shop.db"], "true");

        Assert.Equal(["DONE"], await peer.ReadToEnd());
    }

    [EnvironmentFact(MachineRequirement.SystemLibrary)]
    public async Task An_application_with_an_affected_library_starts_with_a_warning()
    {
        using var peer = await Peer.StartWithLibrary(
            EnvironmentFactAttribute.SystemLibrary, "host", _directory["shop.db"], "false");

        var lines = await peer.ReadToEnd();

        if (!IsSystemAffected())
            Assert.Equal(["DONE"], lines);
        else
            Assert.Matches(
                "^WARNING 13001 SQLite 3[.].*3[.]7[.]0 to 3[.]51[.]2.*shop[.]db",
                Assert.Single(lines, line => line != "DONE"));
    }

    [EnvironmentFact(MachineRequirement.SystemLibrary)]
    public async Task An_affected_library_is_refused_if_the_options_require_it()
    {
        using var peer = await Peer.StartWithLibrary(
            EnvironmentFactAttribute.SystemLibrary, "host", _directory["shop.db"], "true");

        var lines = await peer.ReadToEnd();

        Assert.Equal(
            IsSystemAffected(), lines[0].StartsWith("REFUSED Unavailable SQLite 3.", StringComparison.Ordinal));
        Assert.Equal(IsSystemAffected(), !File.Exists(_directory["shop.db"]));
    }

    // Debian 12 has 3.40.1, which is affected.
    private static bool IsSystemAffected()
    {
        var library = NativeLibrary.Load(EnvironmentFactAttribute.SystemLibrary);
        var version = Marshal.GetDelegateForFunctionPointer<VersionNumber>(
            NativeLibrary.GetExport(library, "sqlite3_libversion_number"));
        return WalReset.Affects(version());
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}
