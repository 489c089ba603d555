/** An OVF 1.0 description (DMTF DSP0243) that VirtualBox, VMware and others understand. Pure. */

export interface OvfGuest {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly firmware: 'bios' | 'uefi' | 'uefi-secure';
  readonly hasNetwork: boolean;
  readonly disks: readonly { readonly href: string; readonly sizeBytes: number; readonly virtualBytes: number }[];
}

const VMDK = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';
const CONTROLLER = 3;
const FIRST_DISK = 10;
const NETWORK = 5;

export function composeOvf({ name, cpus, memoryMib, firmware, hasNetwork, disks }: OvfGuest): string {
  const numbered = disks.map((disk, at) => ({ ...disk, id: at + 1 }));
  const item = (fields: Readonly<Record<string, string | number>>) =>
    `      <Item>\n${Object.entries(fields)
      // The schema wants them in this order.
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `        <rasd:${key}>${escaped(String(value))}</rasd:${key}>\n`)
      .join('')}      </Item>\n`;
  const hardware = [
    item({ ElementName: `${cpus} processors`, InstanceID: 1, ResourceType: 3, VirtualQuantity: cpus }),
    item({
      AllocationUnits: 'byte * 2^20',
      ElementName: `${memoryMib} MiB of memory`,
      InstanceID: 2,
      ResourceType: 4,
      VirtualQuantity: memoryMib,
    }),
    item({
      Address: 0,
      ElementName: 'SATA controller',
      InstanceID: CONTROLLER,
      ResourceSubType: 'AHCI',
      ResourceType: 20,
    }),
    ...numbered.map(({ id }, at) =>
      item({
        AddressOnParent: at,
        ElementName: `disk ${id}`,
        HostResource: `ovf:/disk/vmdisk${id}`,
        InstanceID: FIRST_DISK + at,
        Parent: CONTROLLER,
        ResourceType: 17,
      }),
    ),
    ...(hasNetwork
      ? [
          item({
            AutomaticAllocation: 'true',
            Connection: 'NAT',
            ElementName: 'network card',
            InstanceID: NETWORK,
            ResourceSubType: 'E1000',
            ResourceType: 10,
          }),
        ]
      : []),
  ].join('');
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope ovf:version="1.0" xml:lang="en-US" xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <References>
${numbered.map(({ id, href, sizeBytes }) => `    <File ovf:id="file${id}" ovf:href="${escaped(href)}" ovf:size="${sizeBytes}"/>\n`).join('')}  </References>
  <DiskSection>
    <Info>Disks</Info>
${numbered.map(({ id, virtualBytes }) => `    <Disk ovf:capacity="${virtualBytes}" ovf:diskId="vmdisk${id}" ovf:fileRef="file${id}" ovf:format="${VMDK}"/>\n`).join('')}  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="NAT">
      <Description>A network that reaches out</Description>
    </Network>
  </NetworkSection>
  <VirtualSystem ovf:id="${escaped(name)}">
    <Info>A virtual machine</Info>
    <Name>${escaped(name)}</Name>
    <OperatingSystemSection ovf:id="102">
      <Info>The system in it</Info>
      <Description>Other_64</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>${escaped(name)}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-10</vssd:VirtualSystemType>
      </System>
${hardware}${firmware === 'bios' ? '' : '      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>\n'}${firmware === 'uefi-secure' ? '      <vmw:Config ovf:required="false" vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>\n' : ''}    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
