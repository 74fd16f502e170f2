using Breakwater.Engine.Flows;

namespace Breakwater.Tests.Engine.Flows;

public sealed class TemplateCacheFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("receive-templates-").FullName;
    private readonly TemplateCacheFile _file;

    public TemplateCacheFileTests() => _file = new TemplateCacheFile(Path.Combine(_folder, "templates"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Save() => _file.Save([new("a ipfix", [1, 2, 3]), new("b netflow9", [])]);

    [Fact]
    public void Gives_back_what_was_saved()
    {
        Save();
        var loaded = _file.Load();
        Assert.Equal(["a ipfix", "b netflow9"], loaded.Keys.Order());
        Assert.Equal([1, 2, 3], loaded["a ipfix"]);
        Assert.Equal(["templates"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Is_empty_without_a_file() => Assert.Empty(_file.Load());

    [Fact]
    public void Survives_every_truncation_and_every_corruption_of_one_byte()
    {
        Save();
        var good = File.ReadAllBytes(_file.Path);
        for (var i = 0; i < good.Length; i++)
        {
            File.WriteAllBytes(_file.Path, good[..i]);
            Assert.True(_file.Load().Count <= 2);
            for (var value = 1; value < 256; value <<= 1)
            {
                good[i] ^= (byte)value;
                File.WriteAllBytes(_file.Path, good);
                Assert.True(_file.Load().Count <= 2);
                good[i] ^= (byte)value;
            }
        }
    }

    [Fact]
    public void Keeps_the_entries_before_damage()
    {
        Save();
        File.WriteAllBytes(_file.Path, File.ReadAllBytes(_file.Path)[..^1]);
        Assert.Equal([1, 2, 3], Assert.Single(_file.Load()).Value);
    }
}
